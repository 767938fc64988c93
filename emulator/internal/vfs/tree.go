package vfs

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/rt0lab/rt0/emulator/internal/account"
	"github.com/rt0lab/rt0/emulator/internal/errno"
)

// A Config is what the first tree is made of.
type Config struct {
	// Program is the ELF file, which lies at Path.
	Program []byte
	Path    string
	Args    []string
	Env     []string
	CPUs    int
	// Processor is the lines of /proc/cpuinfo that tell which processor there is; Flags are its features.
	Processor, Flags string
	// Seed is where /dev/urandom begins.
	Seed uint64
	// PID is the number of the process. Release and Hostname are what uname tells.
	PID               int
	Release, Hostname string
	// Now is the time of day in ns since 1970 that all files bear.
	Now int64
	// Files are put into the tree, by absolute path.
	Files  map[string][]byte
	Mounts []Mount
	// Dir is the working directory.
	Dir string
}

// Home is the home directory of the guest's user.
const Home = "/home/gopher"

// New returns the files of a process that has not begun: descriptors 0, 1 and 2 and a tree holding what Go and libc read.
func New(c Config, out *Outside) (*Files, error) {
	f := &Files{out: out, maxFDs: 1024, umask: 0o022, random: c.Seed, now: c.Now}
	f.heap.epoch = epochs.Add(1)
	f.net = f.heap.add(&network{next: firstEphemeral, ports: map[portKey][]ID{}, abstract: map[string]ID{}})
	id, n := f.newInode(S_IFDIR | 0o755)
	n.uid, n.gid, n.nlink, n.dir.parent = 0, 0, 2, id
	f.root, f.cwd = id, id
	f.mkdirAll("/tmp")
	f.inode(f.mkdirAll("/tmp")).mode |= 0o1777
	home := f.editInode(f.mkdirAll(Home))
	home.uid, home.gid = UID, GID
	for _, dir := range []string{"/usr/share/zoneinfo", "/usr/bin", "/usr/local/bin", "/var", "/root"} {
		f.mkdirAll(dir)
	}
	f.populateEtc(c)
	f.populateProc(c)
	f.populateSys(c)
	f.populateDev()
	for _, m := range c.Mounts {
		if err := f.Mount(m); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Files)) {
		if err := f.insert(name, c.Files[name]); err != nil {
			return nil, err
		}
	}
	if c.Path != "" {
		if n, err := f.put(c.Path, c.Program); err == nil { // what a mount shows there is the same file
			n.mode = S_IFREG | 0o755
		}
	}
	if c.Dir != "" {
		if err := f.Chdir(c.Dir); err != nil {
			return nil, fmt.Errorf("working directory %s: %w; choose a folder that the guest has, or mount one", c.Dir, err)
		}
	}
	if len(c.Args) > 0 && strings.Contains(c.Args[0], "/") {
		name := c.Args[0]
		if !path.IsAbs(name) {
			name = path.Join("/", c.Dir, name)
		}
		f.showProgram(path.Clean(name), c.Program)
	}
	f.base = f.heap.Held() + int64(len(f.fds)*account.Descriptor)
	return f, nil
}

// showProgram puts the program where argv[0] says that it is, for programs that open their own file by that name. What is
// there already stays, and mounted directories hold nothing but what the host's do.
func (f *Files) showProgram(name string, content []byte) {
	for at := name; ; at = path.Dir(at) {
		found, err := f.find(AT_FDCWD, at, follow)
		if err != nil {
			continue // the root is always found
		}
		if at == name || f.inode(found.id).host != nil || !f.inode(found.id).is(S_IFDIR) {
			return
		}
		break
	}
	if n, err := f.put(name, content); err == nil {
		n.mode = S_IFREG | 0o755
	}
}

// mkdirAll returns the directory at the path, made with all above it as root's as far as needed.
func (f *Files) mkdirAll(name string) ID {
	dir := f.root
	for _, part := range strings.Split(name, "/") {
		if part == "" {
			continue
		}
		f.loadDir(dir)
		id, ok := f.inode(dir).dir.lookup(part)
		if !ok || !f.inode(id).is(S_IFDIR) {
			var n *inode
			id, n = f.newInode(S_IFDIR | 0o755)
			n.uid, n.gid = 0, 0
			f.link(dir, part, id)
		}
		dir = id
	}
	return dir
}

// put makes a regular file of root's at the path, which shares content.
func (f *Files) put(name string, content []byte) (*inode, error) {
	dir := f.mkdirAll(path.Dir(name))
	if _, taken := f.inode(dir).dir.lookup(path.Base(name)); taken {
		return nil, errno.EEXIST
	}
	id, n := f.newInode(S_IFREG | 0o444)
	n.uid, n.gid = 0, 0
	n.data = contentOf(content)
	f.link(dir, path.Base(name), id)
	return n, nil
}

// insert puts a file of the user's into the tree, in place of one that rt0 put there.
func (f *Files) insert(name string, content []byte) error {
	clean := path.Clean(name)
	if !path.IsAbs(name) || clean == "/" {
		return fmt.Errorf("file %q: the path must be absolute and name a file", name)
	}
	if at, err := f.find(AT_FDCWD, clean, stay); err == nil {
		if f.inode(at.id).is(S_IFDIR) || f.inode(at.dir).host != nil {
			return fmt.Errorf("file %s: the path is taken", name)
		}
		f.editInode(at.dir).dir.remove(at.name)
		f.unlinked(at.dir, at.id)
	}
	n, err := f.put(clean, content)
	if err != nil {
		return fmt.Errorf("file %s: %w", name, err)
	}
	n.mode, n.uid, n.gid = S_IFREG|0o644, UID, GID
	return nil
}

func (f *Files) text(name, content string) {
	f.put(name, []byte(content))
}

// symlink makes a symbolic link of root's.
func (f *Files) symlink(name, target string) {
	id, n := f.newInode(S_IFLNK | 0o777)
	n.uid, n.gid, n.target = 0, 0, target
	f.link(f.mkdirAll(path.Dir(name)), path.Base(name), id)
}

func (f *Files) populateEtc(c Config) {
	f.text("/etc/passwd", fmt.Sprintf("root:x:0:0:root:/root:/bin/sh\ngopher:x:%d:%d:Gopher:%s:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n", UID, GID, Home))
	f.text("/etc/group", fmt.Sprintf("root:x:0:\ngopher:x:%d:\nnogroup:x:65534:\n", GID))
	f.text("/etc/hostname", c.Hostname+"\n")
	f.text("/etc/hosts", fmt.Sprintf("127.0.0.1\tlocalhost %s\n::1\tlocalhost ip6-localhost ip6-loopback\n", c.Hostname))
	f.text("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
	f.text("/etc/resolv.conf", "nameserver 127.0.0.1\n")
	f.text("/etc/protocols", "ip\t0\tIP\nicmp\t1\tICMP\ntcp\t6\tTCP\nudp\t17\tUDP\nipv6-icmp\t58\tIPv6-ICMP\n")
	f.text("/etc/services", "echo\t7/tcp\necho\t7/udp\nftp\t21/tcp\nssh\t22/tcp\nsmtp\t25/tcp\ntime\t37/tcp\ndomain\t53/tcp\ndomain\t53/udp\nhttp\t80/tcp\tweb\npop3\t110/tcp\nntp\t123/udp\nimap2\t143/tcp\timap\nhttps\t443/tcp\nhttps\t443/udp\n")
}

func (f *Files) populateProc(c Config) {
	self := fmt.Sprintf("/proc/%d", c.PID)
	f.symlink("/proc/self", fmt.Sprint(c.PID))
	f.symlink("/proc/thread-self", fmt.Sprintf("%d/task/%d", c.PID, c.PID))
	nul := func(s []string) string {
		var b strings.Builder
		for _, x := range s {
			b.WriteString(x + "\x00")
		}
		return b.String()
	}
	comm := path.Base(c.Path)
	comm = comm[:min(len(comm), 15)] // TASK_COMM_LEN
	for _, dir := range []string{self, fmt.Sprintf("%s/task/%d", self, c.PID)} {
		f.symlink(dir+"/exe", c.Path)
		f.symlink(dir+"/root", "/")
		f.symlink(dir+"/cwd", cmp.Or(c.Dir, "/"))
		f.text(dir+"/cmdline", nul(c.Args))
		f.text(dir+"/environ", nul(c.Env))
		f.text(dir+"/comm", comm+"\n")
		f.text(dir+"/cgroup", "0::/\n")
		f.dynamic(dir+"/limits", ProcLimits)
		f.text(dir+"/mountinfo", mountinfo(c.Mounts))
		f.text(dir+"/mounts", mounts(c.Mounts))
		f.text(dir+"/oom_score_adj", "0\n")
		f.dynamic(dir+"/maps", ProcMaps)
		f.dynamic(dir+"/stat", ProcStat)
		f.dynamic(dir+"/status", ProcStatus)
		fds := f.inode(f.mkdirAll(dir + "/fd"))
		fds.mode, fds.uid, fds.gid, fds.dev = S_IFDIR|0o500, UID, GID, devFDs
	}
	f.symlink("/proc/mounts", "self/mounts")
	f.dynamic("/proc/meminfo", ProcMeminfo)
	f.dynamic("/proc/uptime", ProcUptime)
	f.dynamic("/proc/sys/kernel/random/uuid", ProcUUID)
	var cpu strings.Builder
	for i := range c.CPUs {
		fmt.Fprintf(&cpu, "processor\t: %d\n%scpu MHz\t\t: 1000.000\ncore id\t\t: %d\ncpu cores\t: %d\nflags\t\t: %s\nclflush size\t: 64\naddress sizes\t: 46 bits physical, 48 bits virtual\n\n", i, c.Processor, i, c.CPUs, c.Flags)
	}
	f.text("/proc/cpuinfo", cpu.String())
	f.text("/proc/version", "Linux version "+c.Release+" (rt0)\n")
	f.text("/proc/filesystems", "nodev\tproc\nnodev\tsysfs\nnodev\ttmpfs\nnodev\tcgroup2\n")
	for _, x := range [...][2]string{
		{"kernel/osrelease", c.Release},
		{"kernel/ostype", "Linux"},
		{"kernel/hostname", c.Hostname},
		{"kernel/pid_max", "32768"},
		{"kernel/cap_last_cap", "40"},
		{"kernel/ngroups_max", "65536"},
		{"vm/overcommit_memory", "0"},
		{"vm/max_map_count", "65530"},
		{"fs/nr_open", fmt.Sprint(MaxFDs)},
		{"fs/pipe-max-size", fmt.Sprint(maxPipeSize)},
		{"net/core/somaxconn", fmt.Sprint(maxBacklog)},
		{"net/ipv4/ip_local_port_range", fmt.Sprintf("%d\t%d", firstEphemeral, lastEphemeral)},
		{"net/ipv6/bindv6only", "0"},
	} {
		f.text("/proc/sys/"+x[0], x[1]+"\n")
	}
}

func (f *Files) populateSys(c Config) {
	online := "0"
	if c.CPUs > 1 {
		online = fmt.Sprintf("0-%d", c.CPUs-1)
	}
	f.text("/sys/devices/system/cpu/online", online+"\n")
	f.text("/sys/devices/system/cpu/possible", online+"\n")
	f.text("/sys/devices/system/cpu/present", online+"\n")
	f.text("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "2097152\n")
	f.text("/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
	f.text("/sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n")
}

// dynamic makes a file whose content is made when it is opened.
func (f *Files) dynamic(name string, d Dynamic) {
	n, _ := f.put(name, nil)
	n.dynamic = d
}

func (f *Files) device(name string, mode uint32, d device) ID {
	id, n := f.newInode(mode)
	n.uid, n.gid, n.dev, n.rdev = 0, 0, d, d.rdev()
	if name != "" {
		f.link(f.mkdirAll(path.Dir(name)), path.Base(name), id)
	}
	return id
}

func (f *Files) populateDev() {
	f.device("/dev/null", S_IFCHR|0o666, devNull)
	f.device("/dev/zero", S_IFCHR|0o666, devZero)
	f.device("/dev/full", S_IFCHR|0o666, devFull)
	f.device("/dev/random", S_IFCHR|0o666, devRandom)
	f.device("/dev/urandom", S_IFCHR|0o666, devRandom)
	f.device("/dev/tty", S_IFCHR|0o666, devTTY)
	f.symlink("/dev/fd", "/proc/self/fd")
	f.mkdirAll("/dev/shm")
	f.inode(f.mkdirAll("/dev/shm")).mode |= 0o1777
	for i, s := range []struct {
		name  string
		dev   device
		flags uint32
	}{{"stdin", devStdin, O_RDONLY}, {"stdout", devStdout, O_WRONLY}, {"stderr", devStderr, O_WRONLY}} {
		f.symlink("/dev/"+s.name, fmt.Sprintf("/proc/self/fd/%d", i))
		// The streams look like pipes: they are neither terminals nor files with positions.
		id := f.device("", S_IFIFO|0o600, s.dev)
		f.inode(id).uid, f.inode(id).gid = UID, GID
		f.openInode(&openFile{kind: kindDevice, ino: id, flags: s.flags}, false)
	}
}

// mountinfo returns /proc/self/mountinfo (proc(5)): cgroup2 is there and sets no limit.
func mountinfo(m []Mount) string {
	var b strings.Builder
	b.WriteString("1 0 0:1 / / rw,noatime - tmpfs rootfs rw\n" +
		"2 1 0:2 / /proc rw,nosuid,nodev,noexec - proc proc rw\n" +
		"3 1 0:3 / /sys ro,nosuid,nodev,noexec - sysfs sysfs ro\n" +
		"4 3 0:4 / /sys/fs/cgroup ro,nosuid,nodev,noexec - cgroup2 cgroup2 ro\n" +
		"5 1 0:5 / /dev rw,nosuid - devtmpfs devtmpfs rw\n")
	for i, m := range m {
		fmt.Fprintf(&b, "%d 1 0:%d / %s %s,noatime - rt0 host %s\n", i+firstHostDevice, i+firstHostDevice, escapeMount(m.Guest), m.access(), m.access())
	}
	return b.String()
}

// mounts returns /proc/self/mounts (fstab(5)).
func mounts(m []Mount) string {
	var b strings.Builder
	b.WriteString("rootfs / tmpfs rw,noatime 0 0\nproc /proc proc rw 0 0\nsysfs /sys sysfs ro 0 0\n" +
		"cgroup2 /sys/fs/cgroup cgroup2 ro 0 0\ndevtmpfs /dev devtmpfs rw 0 0\n")
	for _, m := range m {
		fmt.Fprintf(&b, "host %s rt0 %s,noatime 0 0\n", escapeMount(m.Guest), m.access())
	}
	return b.String()
}

func (m Mount) access() string {
	if m.Writable {
		return "rw"
	}
	return "ro"
}

// escapeMount writes a path as these files have it: what would part fields is octal.
func escapeMount(p string) string {
	return strings.NewReplacer(" ", `\040`, "\t", `\011`, "\n", `\012`, `\`, `\134`).Replace(path.Clean(p))
}
