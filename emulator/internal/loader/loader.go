// Package loader reads static ELF64 programs for amd64 and lays them and the process stack out as Linux does.
package loader
