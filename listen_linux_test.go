package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rt0lab/rt0/internal/testuser"
)

// TestOtherUser connects to the debuggers as another user: without -any-user nothing is carried out or answered.
func TestOtherUser(t *testing.T) {
	for _, d := range debuggers {
		server := startListening(t, d.args...)
		if got := testuser.Dial(t, server.addr, d.hello); got != "" {
			t.Errorf("%s: another user hears %q", d.args[0], got)
		}
		if !server.served(t, d.hello) {
			t.Errorf("%s: its own user is not served", d.args[0])
		}
		if got := server.log(); !strings.Contains(got, "uid 65534") || strings.Count(got, "-any-user") != 1 {
			t.Errorf("%s says %q; want one line that names -any-user", d.args[0], got)
		}
		open := startListening(t, slices.Insert(slices.Clone(d.args), 1, "-any-user")...)
		if got := testuser.Dial(t, open.addr, d.hello); got == "" {
			t.Errorf("%s -any-user: another user is not answered; it says %q", d.args[0], open.log())
		}
	}
}

// TestOtherUserMounts has another user launch with a folder that only its owner may enter.
func TestOtherUserMounts(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	launch := dapMessage(`{"seq":1,"type":"request","command":"launch","arguments":{"program":"hello","stopOnEntry":true,"mounts":["` + filepath.ToSlash(dir) + `=/v:rw"]}}`)
	for _, c := range []struct {
		flags []string
		want  string
	}{
		{nil, ""},
		{[]string{"-allow-mount"}, ""},
		{[]string{"-any-user"}, "-allow-mount"},
		{[]string{"-any-user", "-allow-mount"}, `"success":true`},
	} {
		server := startListening(t, append([]string{"dap", "-listen", ":0"}, c.flags...)...)
		if got := testuser.Dial(t, server.addr, launch); got == "" != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("rt0 dap %q: another user hears %q, want %q", c.flags, got, c.want)
		}
	}
}
