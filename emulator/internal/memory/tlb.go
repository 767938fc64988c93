package memory

// TLBSize is the number of entries of each software TLB.
const (
	TLBSize = 1024
	TLBMask = TLBSize - 1
)

// noPage is a tag that no page number equals.
const noPage = ^uint64(0)

// A TLBEntry maps one page number to the page's bytes.
type TLBEntry struct {
	Tag  uint64
	Data *[PageSize]byte
}

// A TLB remembers which pages may be read and which may be written without asking the Space. An entry is in Read only if
// the page is readable and not watched for reads; in Write only if it is writable, belongs to the current epoch, holds no
// decoded code and is not watched for writes. So a hit needs no further test.
type TLB struct {
	Read  [TLBSize]TLBEntry
	Write [TLBSize]TLBEntry
}

// Flush forgets everything.
func (t *TLB) Flush() {
	for i := range t.Read {
		t.Read[i] = TLBEntry{Tag: noPage}
	}
	t.FlushWrite()
}

// FlushWrite forgets which pages may be written.
func (t *TLB) FlushWrite() {
	for i := range t.Write {
		t.Write[i] = TLBEntry{Tag: noPage}
	}
}

func (t *TLB) drop(vpn uint64) {
	i := vpn & TLBMask
	if t.Read[i].Tag == vpn {
		t.Read[i] = TLBEntry{Tag: noPage}
	}
	t.dropWrite(vpn)
}

func (t *TLB) dropWrite(vpn uint64) {
	i := vpn & TLBMask
	if t.Write[i].Tag == vpn {
		t.Write[i] = TLBEntry{Tag: noPage}
	}
}
