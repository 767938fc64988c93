package linux

// addressSpace is what the kernel knows of the guest's memory beside the mappings themselves.
type addressSpace struct{}
