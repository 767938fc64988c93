// Package dap is a debug adapter: it lets an editor that speaks the Debug Adapter Protocol (Visual Studio Code, Neovim,
// Emacs, …) step through a program in rt0's machine, forwards and backwards.
//
// A client launches a program, sets breakpoints in sources, at functions, at instructions and on data, and moves; stepBack
// and reverseContinue go back in the run. Goroutines are the protocol's threads; a thread of the system that runs none
// appears under a number of its own. Nothing can be changed, for the past cannot be edited: setVariable and writeMemory are
// not offered.
//
// Visual Studio Code finds the adapter through an extension, or, with its debugServer attribute, over TCP. After
//
//	rt0 dap -listen 127.0.0.1:4711
//
// this is a launch.json:
//
//	{
//	  "version": "0.2.0",
//	  "configurations": [
//	    {
//	      "name": "boot in rt0",
//	      "type": "go",
//	      "request": "launch",
//	      "debugServer": 4711,
//	      "program": "${workspaceFolder}",
//	      "args": [],
//	      "cpus": 4,
//	      "seed": 0,
//	      "stopOnEntry": true
//	    }
//	  ]
//	}
//
// A Server serves whoever it is given the connection of: rt0 dap answers its own user only, and allows mounts over TCP with
// -allow-mount only. See LaunchArguments for what launch takes. In the debug console an expression is evaluated; a line that begins with
// "rt0 " is a command to the machine: "rt0 help" lists them.
package dap
