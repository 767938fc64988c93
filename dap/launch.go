package dap

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/go-dap"

	"github.com/rt0lab/rt0/emulator"
	"github.com/rt0lab/rt0/emulator/history"
	"github.com/rt0lab/rt0/internal/visible"
)

// LaunchArguments are what a launch request, a configuration in launch.json, can say.
type LaunchArguments struct {
	// Program is what rt0's commands take as PROGRAM: an ELF file, a Go file, a package folder or a sample.
	Program string   `json:"program"`
	Args    []string `json:"args"`
	// Env is added to the guest's environment.
	Env map[string]string `json:"env"`
	// CPUs is how many processors the guest sees, 0 for the default; Seed is what all chance in it comes from.
	CPUs int    `json:"cpus"`
	Seed uint64 `json:"seed"`
	// Cwd is the guest's working directory, Mounts are host directories shown to it: HOSTDIR=GUESTDIR[:rw].
	Cwd    string   `json:"guestCwd"`
	Mounts []string `json:"mounts"`
	// Mem is the most that the guest can have of all that takes memory, such as "256M"; MaxTicks is where its run stops for
	// good. Empty and 0 are what the command line says.
	Mem      string `json:"mem"`
	MaxTicks uint64 `json:"maxTicks"`
	// StopOnEntry stops before the first instruction of the program, where a boot begins.
	StopOnEntry bool `json:"stopOnEntry"`
	// StopAtEnd keeps the session when the program has ended, so that one can go back. Default true.
	StopAtEnd *bool `json:"stopAtEnd"`
}

func (s *session) initialize(r *dap.InitializeRequest) error {
	s.oneBased = r.Arguments.LinesStartAt1
	s.reply(r, &dap.InitializeResponse{Body: dap.Capabilities{
		SupportsConfigurationDoneRequest: true,
		SupportsFunctionBreakpoints:      true,
		SupportsConditionalBreakpoints:   true,
		SupportsEvaluateForHovers:        true,
		SupportsStepBack:                 true,
		SupportsRestartRequest:           true,
		SupportsTerminateRequest:         true,
		SupportsDataBreakpoints:          true,
		SupportsReadMemoryRequest:        true,
		SupportsDisassembleRequest:       true,
		SupportsSteppingGranularity:      true,
		SupportsInstructionBreakpoints:   true,
	}})
	return nil
}

func (s *session) launch(r *dap.LaunchRequest) error {
	if s.past != nil {
		return errors.New("a program is launched already")
	}
	s.args = LaunchArguments{} // nothing remains of a launch that failed
	if err := json.Unmarshal(r.Arguments, &s.args); err != nil {
		return fmt.Errorf("launch: %w", err)
	}
	if s.args.Program == "" {
		return errors.New("launch: no program; give an ELF file, a Go file, a package folder, or the name of a sample")
	}
	m, err := s.srv.Load(s.ctx, s.args, outlet{s, "stdout"}, outlet{s, "stderr"}, outlet{s, "console"})
	if err != nil {
		return err
	}
	m.OnReport(func(line string) { s.console("console", "rt0: "+visible.Text(line)+"\n") })
	s.past = history.New(m)
	s.reply(r, &dap.LaunchResponse{})
	s.send(&dap.InitializedEvent{Event: event("initialized")})
	return nil
}

func (s *session) configurationDone(r *dap.ConfigurationDoneRequest) error {
	if s.started {
		return errors.New("the configuration was done already")
	}
	s.started = true
	s.reply(r, &dap.ConfigurationDoneResponse{})
	s.begin()
	return nil
}

// begin sets the program going, or shows its first instruction.
func (s *session) begin() {
	if s.args.StopOnEntry {
		s.stopped("entry", "before the first instruction", history.Stop{TID: s.past.Machine().Current().TID})
		return
	}
	s.start(s.goOn(history.Forward), true, s.arrived)
}

func (s *session) restart(r *dap.RestartRequest) error {
	if err := s.past.Machine().Seek(0); err != nil {
		return err
	}
	s.reply(r, &dap.RestartResponse{})
	s.begin()
	return nil
}

// ended tells the client that the process has ended.
func (s *session) ended(stop history.Stop) {
	status, _ := s.past.Machine().Exited()
	s.console("console", fmt.Sprintf("rt0: the program has ended with %v at tick %d\n", status, stop.Tick))
	if s.args.StopAtEnd != nil && !*s.args.StopAtEnd {
		s.send(&dap.ExitedEvent{Event: event("exited"), Body: dap.ExitedEventBody{ExitCode: status.Status()}})
		s.send(&dap.TerminatedEvent{Event: event("terminated")})
		return
	}
	s.stopped("exit", fmt.Sprintf("the program has ended with %v; one can go back", status), stop)
}

// exited says whether the machine is at the end of the run.
func exited(m *emulator.Machine) bool {
	_, ok := m.Exited()
	return ok
}
