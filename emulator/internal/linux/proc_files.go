package linux

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/memory"
	"github.com/rt0lab/rt0/emulator/internal/vfs"
)

// dynamicFile returns the content of a file in /proc that tells of the process as it is now. The forms are those of proc(5).
func (k *Kernel) dynamicFile(d vfs.Dynamic) []byte {
	switch d {
	case vfs.ProcMaps:
		return []byte(k.procMaps())
	case vfs.ProcStat:
		return []byte(k.procStat())
	case vfs.ProcStatus:
		return []byte(k.procStatus())
	case vfs.ProcLimits:
		return []byte(k.procLimits())
	case vfs.ProcUptime:
		return fmt.Appendf(nil, "%d.%02d 0.00\n", k.Now()/1e9, k.Now()/1e7%100)
	case vfs.ProcUUID:
		var b [16]byte
		k.files.Random(b[:])
		b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // a random UUID: RFC 9562, section 5.4
		return fmt.Appendf(nil, "%x-%x-%x-%x-%x\n", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	case vfs.ProcMeminfo:
		total := k.Mem.Limit() >> 10
		free := k.account.Room() >> 10
		return fmt.Appendf(nil, "MemTotal:       %8d kB\nMemFree:        %8d kB\nMemAvailable:   %8d kB\nSwapTotal:      %8d kB\nSwapFree:       %8d kB\n",
			total, free, free, 0, 0)
	}
	return nil
}

func (k *Kernel) procMaps() string {
	var b strings.Builder
	for a := range k.Mem.AreasFrom(0) {
		sharing := "p"
		if a.Shared {
			sharing = "s"
		}
		device, ino := "00:00", uint64(0)
		if strings.HasPrefix(a.Name, "/") {
			if s, err := k.files.Stat(vfs.AT_FDCWD, a.Name, 0); err == nil {
				device, ino = fmt.Sprintf("00:%02x", s.Dev), s.Ino
			}
		}
		line := fmt.Sprintf("%08x-%08x %s%s %08x %s %d ", a.Start, a.End, a.Prot, sharing, a.Offset, device, ino)
		if a.Name != "" {
			line = fmt.Sprintf("%-73s%s", line, a.Name)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// sizes returns the bytes mapped and the pages in use.
func (k *Kernel) sizes() (virtual uint64, resident int) {
	for a := range k.Mem.AreasFrom(0) {
		virtual += a.Len()
	}
	return virtual, k.Mem.Pages()
}

func (k *Kernel) procStat() string {
	virtual, resident := k.sizes()
	const clockTick = 10_000_000 // ns: USER_HZ is 100
	name := comm(k.proc.path)
	f := make([]uint64, 53) // fields by their numbers in proc(5); 1 to 3 are not numbers
	f[4] = 1
	f[5], f[6] = PID, PID
	f[14] = k.Tick / clockTick
	f[18], f[20] = 20, uint64(len(k.threads))
	f[23], f[24] = virtual, uint64(resident)
	f[25] = 1<<64 - 1
	f[38] = 17 // SIGCHLD
	var b strings.Builder
	fmt.Fprintf(&b, "%d (%s) R", PID, name)
	for _, v := range f[4:] {
		fmt.Fprintf(&b, " %d", v)
	}
	return b.String() + "\n"
}

func (k *Kernel) procStatus() string {
	virtual, resident := k.sizes()
	var b strings.Builder
	for _, l := range [...][2]any{
		{"Name", comm(k.proc.path)},
		{"Umask", "0022"},
		{"State", "R (running)"},
		{"Tgid", PID},
		{"Pid", PID},
		{"PPid", 1},
		{"TracerPid", 0},
		{"Uid", fmt.Sprintf("%d\t%d\t%d\t%d", vfs.UID, vfs.UID, vfs.UID, vfs.UID)},
		{"Gid", fmt.Sprintf("%d\t%d\t%d\t%d", vfs.GID, vfs.GID, vfs.GID, vfs.GID)},
		{"VmSize", fmt.Sprintf("%8d kB", virtual>>10)},
		{"VmRSS", fmt.Sprintf("%8d kB", resident*memory.PageSize>>10)},
		{"Threads", len(k.threads)},
		{"CapEff", "0000000000000000"},
		{"NoNewPrivs", 0},
		{"Cpus_allowed_list", fmt.Sprintf("0-%d", k.cpus-1)},
	} {
		fmt.Fprintf(&b, "%s:\t%v\n", l[0], l[1])
	}
	return b.String()
}

// procLimits tells of the limits in the order of their numbers (fs/proc/base.c).
func (k *Kernel) procLimits() string {
	names := [numLimits][2]string{
		{"Max cpu time", "seconds"}, {"Max file size", "bytes"}, {"Max data size", "bytes"}, {"Max stack size", "bytes"},
		{"Max core file size", "bytes"}, {"Max resident set", "bytes"}, {"Max processes", "processes"}, {"Max open files", "files"},
		{"Max locked memory", "bytes"}, {"Max address space", "bytes"}, {"Max file locks", "locks"}, {"Max pending signals", "signals"},
		{"Max msgqueue size", "bytes"}, {"Max nice priority", ""}, {"Max realtime priority", ""}, {"Max realtime timeout", "us"},
	}
	show := func(v uint64) string {
		if v == unlimited {
			return "unlimited"
		}
		return strconv.FormatUint(v, 10)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-25s %-20s %-20s %-10s\n", "Limit", "Soft Limit", "Hard Limit", "Units")
	for i, n := range names {
		l := k.proc.limits[i]
		fmt.Fprintf(&b, "%-25s %-20s %-20s %-10s\n", n[0], show(l.soft), show(l.hard), n[1])
	}
	return b.String()
}
