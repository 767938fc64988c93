package account

// The prices, in bytes. Each is what the object takes of a 64-bit host's memory, rounded up: the structure itself, its
// entry in the table or map that leads to it, and the spare capacity with which tables and maps grow. What an object holds
// besides (bytes, names, entries) is added to its price by length.
const (
	// Area is a mapping: its record and the page tables that one page anywhere in it needs, two levels of 512 entries.
	// The tables inside a long mapping are PerPage.
	Area = 9 << 10
	// Record is a mapping that can hold no page of its own, because it was never writable and maps no file.
	Record = 256
	// PerPage is a page's entry in its page table, for each page of a mapping that can hold pages.
	PerPage = 16

	// Thread is a task with its registers and what it waits in.
	Thread = 2 << 10
	// Key is one of the objects that a blocked thread waits for.
	Key = 16
	// Signal is a pending signal with its siginfo.
	Signal = 256
	// PosixTimer is what timer_create makes.
	PosixTimer = 160

	// Leaf is the table entry block of 64 consecutive object numbers, one of which is in use; LeafSlot is its place in the
	// list of blocks, which stays when all of them are free.
	Leaf     = 1280
	LeafSlot = 16
	// Descriptor is a number in the descriptor table, used or below one that was used.
	Descriptor = 32

	// Inode is a file, whatever names lead to it. Name is a directory entry, besides the length of its name.
	Inode = 256
	Dir   = 128
	Name  = 192
	// Host ties an inode to a host file, whose directory entry is kept for a replay.
	Host = 320
	// Chunk is a piece of at most 64 KiB of a file's bytes, besides the bytes.
	Chunk = 192
	// Lock is a flock on an inode.
	Lock = 32
	// OpenFile is an open file description.
	OpenFile = 144

	// Pipe, Socket, Event, Timer and Epoll are the objects that descriptors lead to.
	Pipe   = 160
	Socket = 640
	Event  = 96
	Timer  = 128
	Epoll  = 160
	// Interest is an entry of an epoll set, and of the list of sets on what it watches.
	Interest = 160
	// Part is one write to a pipe or stream that has not been read, besides its bytes.
	Part = 80
	// Message is a datagram that waits, besides its bytes.
	Message = 256
	// InFlight is a descriptor under way in a message.
	InFlight = 32
	// Bound is a name or port that a socket is bound to.
	Bound = 256
	// Option is a remembered socket option.
	Option = 96

	// Input is one read of the host's stdin that is kept for a replay, besides its bytes.
	Input = 96
	// Change is one change made to a mounted host folder, whose result is kept for a replay.
	Change = 32
)
