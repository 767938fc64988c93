package dap

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator/history"
)

// points are the breakpoints and watchpoints that the client has set. Each request replaces those of its kind: of one
// source file, or all.
type points struct {
	groups  map[string][]int // numbers, by kind; those of a source under its path
	reasons map[int]string   // what a stop at a breakpoint is called, by number
}

// The names of the groups that are not a source's.
const (
	functionPoints    = "function breakpoint"
	instructionPoints = "instruction breakpoint"
	dataPoints        = "data breakpoint"
)

func (p *points) reason(id int) string {
	if r, ok := p.reasons[id]; ok {
		return r
	}
	return "breakpoint"
}

// clear removes a group from the session.
func (p *points) clear(past *history.Session, group string) error {
	var errs []error
	for _, id := range p.groups[group] {
		errs = append(errs, past.Delete(id))
		delete(p.reasons, id)
	}
	if p.groups == nil {
		p.groups, p.reasons = map[string][]int{}, map[int]string{}
	}
	delete(p.groups, group)
	return errors.Join(errs...)
}

func (p *points) add(group, reason string, id int) {
	p.groups[group] = append(p.groups[group], id)
	p.reasons[id] = reason
}

// setPoints answers the requests that set breakpoints. A breakpoint that cannot be set is not verified and says why; that
// does not fail the request.
func (s *session) setPoints(m dap.RequestMessage) error {
	switch r := m.(type) {
	case *dap.SetBreakpointsRequest:
		return s.setSourceBreakpoints(r)
	case *dap.SetFunctionBreakpointsRequest:
		if err := s.points.clear(s.past, functionPoints); err != nil {
			return err
		}
		out := []dap.Breakpoint{}
		for _, b := range r.Arguments.Breakpoints {
			out = append(out, s.breakAt(functionPoints, functionPoints, b.Name, b.Condition, b.HitCondition))
		}
		s.reply(r, &dap.SetFunctionBreakpointsResponse{Body: dap.SetFunctionBreakpointsResponseBody{Breakpoints: out}})
	case *dap.SetInstructionBreakpointsRequest:
		if err := s.points.clear(s.past, instructionPoints); err != nil {
			return err
		}
		out := []dap.Breakpoint{}
		for _, b := range r.Arguments.Breakpoints {
			addr, err := parseReference(b.InstructionReference, b.Offset)
			if err == nil && s.past.Machine().ReadMemory(make([]byte, 1), addr) != nil {
				err = fmt.Errorf("there is no memory at %#x", addr)
			}
			if err != nil {
				out = append(out, dap.Breakpoint{Message: err.Error()})
				continue
			}
			out = append(out, s.breakAt(instructionPoints, instructionPoints, fmt.Sprintf("%#x", addr), b.Condition, b.HitCondition))
		}
		s.reply(r, &dap.SetInstructionBreakpointsResponse{Body: dap.SetInstructionBreakpointsResponseBody{Breakpoints: out}})
	case *dap.SetDataBreakpointsRequest:
		return s.setDataBreakpoints(r)
	case *dap.SetExceptionBreakpointsRequest: // there are none to choose from
		s.reply(r, &dap.SetExceptionBreakpointsResponse{})
	}
	return nil
}

// lineSlack is how many lines below the one asked for may have the breakpoint instead, when no code comes from that one.
const lineSlack = 30

func (s *session) setSourceBreakpoints(r *dap.SetBreakpointsRequest) error {
	file := r.Arguments.Source.Path
	if file == "" {
		file = r.Arguments.Source.Name
	}
	file = filepath.ToSlash(file)
	if err := s.points.clear(s.past, "source "+file); err != nil {
		return err
	}
	out := []dap.Breakpoint{}
	for _, b := range r.Arguments.Breakpoints {
		line := s.codeLine(file, s.ourLine(b.Line))
		set := s.breakAt("source "+file, "breakpoint", file+":"+strconv.Itoa(line), b.Condition, b.HitCondition)
		if b.LogMessage != "" && set.Verified {
			set.Message = "log messages are not supported: it stops"
		}
		set.Source, set.Line = source(file), s.clientLine(line)
		out = append(out, set)
	}
	s.reply(r, &dap.SetBreakpointsResponse{Body: dap.SetBreakpointsResponseBody{Breakpoints: out}})
	return nil
}

// codeLine returns the first line with code from the one asked for on.
func (s *session) codeLine(file string, line int) int {
	if t := s.past.Table; t != nil && line > 0 {
		for n := line; n <= line+lineSlack; n++ {
			if len(t.Addrs(file, n)) > 0 {
				return n
			}
		}
	}
	return line
}

// breakAt sets a breakpoint and describes it.
func (s *session) breakAt(group, reason, spec, condition, hits string) dap.Breakpoint {
	if hits != "" {
		return dap.Breakpoint{Message: "hit counts are not supported: in a run that goes both ways there is no number of hits"}
	}
	b, err := s.past.Break(spec, condition)
	if err != nil {
		return dap.Breakpoint{Message: err.Error()}
	}
	s.points.add(group, reason, b.ID)
	out := dap.Breakpoint{Id: b.ID, Verified: true, InstructionReference: fmt.Sprintf("%#x", b.Addrs[0])}
	if t := s.past.Table; t != nil {
		if file, line, ok := t.Line(b.Addrs[0]); ok {
			out.Source, out.Line = source(file), s.clientLine(line)
		}
	}
	return out
}

// dataBreakpointInfo says what a data breakpoint on a variable would watch. Its dataId is ADDRESS:LENGTH.
func (s *session) dataBreakpointInfo(r *dap.DataBreakpointInfoRequest) error {
	body := dap.DataBreakpointInfoResponseBody{}
	addr, size, err := s.dataOf(r.Arguments)
	if err != nil {
		body.Description = err.Error()
	} else {
		body.DataId = fmt.Sprintf("%#x:%d", addr, size)
		body.Description = fmt.Sprintf("%s, %d bytes at %#x", r.Arguments.Name, size, addr)
		body.AccessTypes = []dap.DataBreakpointAccessType{"read", "write", "readWrite"}
		body.CanPersist = true
	}
	s.reply(r, &dap.DataBreakpointInfoResponse{Body: body})
	return nil
}

func (s *session) dataOf(a dap.DataBreakpointInfoArguments) (addr, size uint64, err error) {
	if a.VariablesReference != 0 {
		c, err := s.containerNumbered(a.VariablesReference)
		if err != nil {
			return 0, 0, err
		}
		for _, item := range c.items(s, 0, maxItems) {
			if item.name == a.Name {
				return item.value.location()
			}
		}
		return 0, 0, fmt.Errorf("%s: no such variable", a.Name)
	}
	f, err := s.frameNumbered(a.FrameId)
	if err != nil {
		return 0, 0, err
	}
	if v, err := s.eval(a.Name, f); err == nil {
		if addr, size, err := v.location(); err == nil {
			return addr, size, nil
		}
	}
	return s.past.Locate(a.Name)
}

func (s *session) setDataBreakpoints(r *dap.SetDataBreakpointsRequest) error {
	if err := s.points.clear(s.past, dataPoints); err != nil {
		return err
	}
	kinds := map[dap.DataBreakpointAccessType]history.Kind{"": history.OnWrite, "write": history.OnWrite, "read": history.OnRead, "readWrite": history.OnAccess}
	out := []dap.Breakpoint{}
	for _, b := range r.Arguments.Breakpoints {
		kind, ok := kinds[b.AccessType]
		switch {
		case !ok:
			out = append(out, dap.Breakpoint{Message: fmt.Sprintf("access type %q is not read, write or readWrite", b.AccessType)})
			continue
		case b.Condition != "" || b.HitCondition != "":
			out = append(out, dap.Breakpoint{Message: "data breakpoints have no conditions"})
			continue
		}
		w, err := s.past.Watch(b.DataId, kind)
		if err != nil {
			out = append(out, dap.Breakpoint{Message: err.Error()})
			continue
		}
		s.points.add(dataPoints, dataPoints, w.ID)
		out = append(out, dap.Breakpoint{Id: w.ID, Verified: true})
	}
	s.reply(r, &dap.SetDataBreakpointsResponse{Body: dap.SetDataBreakpointsResponseBody{Breakpoints: out}})
	return nil
}

// source describes a file.
func source(file string) *dap.Source {
	return &dap.Source{Name: filepath.Base(file), Path: file}
}

// parseReference reads an address as memory and instruction references give it.
func parseReference(ref string, offset int) (uint64, error) {
	addr, err := strconv.ParseUint(ref, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not an address", ref)
	}
	return addr + uint64(offset), nil
}
