package vfs

import "testing"

// TestProgramByItsName looks for the program at the place that argv[0] names.
func TestProgramByItsName(t *testing.T) {
	host := t.TempDir()
	for _, c := range []struct{ arg, dir, at, want string }{
		{"/home/me/x.test", "", "/home/me/x.test", "ELF"},
		{"./x.test", "/tmp", "/tmp/x.test", "ELF"},
		{"../up/x", "/tmp", "/up/x", "ELF"},
		{"x", "/tmp", "/tmp/x", ""}, // found through PATH
		{"./passwd", "/etc", "/etc/passwd", "root:"},
		{"/etc/passwd/x", "", "/etc/passwd/x", ""},
		{"./proc", "", "/proc/self/comm", "x"},
		{"/mnt/new/x", "", "/mnt/new/x", ""},
	} {
		f := newTest(t, func(cfg *Config) {
			cfg.Path, cfg.Program, cfg.Args, cfg.Dir = "/bin/x", []byte("ELF"), []string{c.arg}, c.dir
			cfg.Mounts = []Mount{{host, "/mnt", true}}
		})
		got := make([]byte, len(c.want))
		fd, err := f.Open(AT_FDCWD, c.at, O_RDONLY, 0, nil)
		if err == nil {
			_, err = f.ReadAt(fd, got, 0)
		}
		if (err == nil) != (c.want != "") || string(got) != c.want {
			t.Errorf("%s started in %q: %s holds %q, %v; want %q", c.arg, c.dir, c.at, got, err, c.want)
		}
	}
}
