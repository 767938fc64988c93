package kernel

import (
	"bufio"
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"sync"
	"time"
)

// A History keeps what was executed, in a file of one JSON object a line to which several kernels may append.
type History struct {
	file    string
	session int64 // of this kernel: the time of its start, so that kernels need not agree on numbers

	mu      sync.Mutex
	loaded  bool
	entries []entry // of earlier sessions first, if loaded; then ours
}

type entry struct {
	Session int64  `json:"session"` // Unix time of the session's start, in microseconds
	Line    int    `json:"line"`
	Input   string `json:"input"`
	Output  string `json:"output,omitempty"`
}

// maxHistory is the size in bytes above which the older half of the file is dropped when it is read.
const maxHistory = 8 << 20

// NewHistory returns a history kept in file, or in memory only if file is "".
func NewHistory(file string) *History {
	return &History{file: file, session: time.Now().UnixMicro(), loaded: file == ""}
}

// Add appends what was executed. A file that cannot be written is not worth failing a cell.
func (hi *History) Add(line int, input, output string) {
	hi.mu.Lock()
	defer hi.mu.Unlock()
	e := entry{hi.session, line, input, output}
	hi.entries = append(hi.entries, e)
	if hi.file == "" {
		return
	}
	text, err := json.Marshal(e)
	if err != nil {
		return
	}
	f, err := os.OpenFile(hi.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		if os.MkdirAll(filepath.Dir(hi.file), 0o700) != nil {
			return
		}
		if f, err = os.OpenFile(hi.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
			return
		}
	}
	defer f.Close()
	f.Write(append(text, '\n')) // one write: appends of several kernels do not mix (open(2), O_APPEND)
}

// load reads the sessions before ours, once, when somebody asks for them. The caller holds mu.
func (hi *History) load() {
	if hi.loaded {
		return
	}
	hi.loaded = true
	f, err := os.Open(hi.file)
	if err != nil {
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > maxHistory {
		f.Seek(info.Size()-maxHistory/2, 0)
	}
	var before []entry
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxHistory)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Session != 0 && e.Session < hi.session {
			before = append(before, e)
		}
	}
	sort.SliceStable(before, func(i, j int) bool { return before[i].Session < before[j].Session })
	hi.entries = append(before, hi.entries...)
}

type historyRequest struct {
	Output  bool   `json:"output"`
	Access  string `json:"hist_access_type"`
	Session int    `json:"session"`
	Start   int    `json:"start"`
	Stop    *int   `json:"stop"`
	N       *int   `json:"n"`
	Pattern string `json:"pattern"`
	Unique  bool   `json:"unique"`
}

// A numbered entry has its session's place in the order of sessions, from 1.
type numbered struct {
	session int
	entry
}

// find answers history_request: (session, line, input) or (session, line, (input, output)), the oldest first.
func (hi *History) find(req historyRequest) [][3]any {
	hi.mu.Lock()
	defer hi.mu.Unlock()
	hi.load()
	var all []numbered
	session, last := 0, int64(0)
	for _, e := range hi.entries {
		if e.Session != last {
			session, last = session+1, e.Session
		}
		all = append(all, numbered{session, e})
	}
	if last != hi.session {
		session++ // ours has no entries yet
	}
	switch req.Access {
	case "range":
		want := req.Session
		if want <= 0 {
			want += session // 0 is the present one, -1 the one before
		}
		all = slices.DeleteFunc(all, func(e numbered) bool {
			return e.session != want || e.Line < req.Start || req.Stop != nil && e.Line >= *req.Stop
		})
	case "search":
		if req.Pattern == "" {
			req.Pattern = "*"
		}
		all = slices.DeleteFunc(all, func(e numbered) bool { return !glob(req.Pattern, e.Input) })
		if req.Unique {
			seen := map[string]bool{}
			slices.Reverse(all)
			all = slices.DeleteFunc(all, func(e numbered) bool {
				was := seen[e.Input]
				seen[e.Input] = true
				return was
			})
			slices.Reverse(all)
		}
	}
	if req.Access != "range" && req.N != nil && *req.N >= 0 && len(all) > *req.N {
		all = all[len(all)-*req.N:]
	}
	out := make([][3]any, len(all))
	for i, e := range all {
		out[i] = [3]any{e.session, e.Line, e.Input}
		if req.Output {
			var output any
			if e.Output != "" {
				output = e.Output
			}
			out[i][2] = [2]any{e.Input, output}
		}
	}
	return out
}

// glob matches a whole input with a pattern of *, ? and […], as SQLite's GLOB does: * crosses everything, slashes included.
func glob(pattern, s string) bool {
	hide := func(s string) string {
		b := []byte(s)
		for i, c := range b {
			if c == '/' {
				b[i] = 0
			}
		}
		return string(b)
	}
	ok, err := path.Match(hide(pattern), hide(s))
	return ok && err == nil
}

func (h *Handler) history(ch Channel, m *Message) error {
	var req historyRequest
	if err := decode(m, &req); err != nil {
		return err
	}
	return h.reply(ch, m, map[string]any{"status": "ok", "history": h.opt.History.find(req)})
}
