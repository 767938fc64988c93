package gdbserver

import (
	"fmt"
	"strings"
)

// targetXML is the target description: architecture, ABI and register file (GDB manual, "Target Descriptions").
var targetXML = describeTarget()

func describeTarget() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>i386:x86-64</architecture>
<osabi>GNU/Linux</osabi>
`)
	feature := ""
	for number, r := range registerFile {
		if r.feature != feature {
			if feature != "" {
				b.WriteString("</feature>\n")
			}
			feature = r.feature
			fmt.Fprintf(&b, "<feature name=%q>\n%s", feature, featureTypes(feature))
		}
		group := ""
		if r.group != "" {
			group = fmt.Sprintf(" group=%q", r.group)
		}
		fmt.Fprintf(&b, "<reg name=%q bitsize=\"%d\" type=%q%s regnum=\"%d\"/>\n", r.name, 8*r.size, r.kind, group, number)
	}
	b.WriteString("</feature>\n</target>\n")
	return b.String()
}

// A bit is a flag of a status register.
type bit struct {
	name  string
	start int
}

// Flags of EFLAGS (SDM volume 1, figure 3-8) and of MXCSR (figure 10-3).
var (
	eflagsBits = []bit{
		{"CF", 0}, {"", 1}, {"PF", 2}, {"AF", 4}, {"ZF", 6}, {"SF", 7}, {"TF", 8}, {"IF", 9}, {"DF", 10}, {"OF", 11},
		{"NT", 14}, {"RF", 16}, {"VM", 17}, {"AC", 18}, {"VIF", 19}, {"VIP", 20}, {"ID", 21},
	}
	mxcsrBits = []bit{
		{"IE", 0}, {"DE", 1}, {"ZE", 2}, {"OE", 3}, {"UE", 4}, {"PE", 5}, {"DAZ", 6},
		{"IM", 7}, {"DM", 8}, {"ZM", 9}, {"OM", 10}, {"UM", 11}, {"PM", 12}, {"FZ", 15},
	}
)

// vectorViews are the ways in which gdb may print an XMM register.
var vectorViews = []struct {
	name, element string
	count         int
}{
	{"v4_float", "ieee_single", 4}, {"v2_double", "ieee_double", 2}, {"v16_int8", "int8", 16}, {"v8_int16", "int16", 8},
	{"v4_int32", "int32", 4}, {"v2_int64", "int64", 2},
}

// featureTypes returns the definitions of the types that a feature's registers name beyond gdb's own.
func featureTypes(feature string) string {
	switch feature {
	case featureCore:
		return flagsType("eflags", eflagsBits)
	case featureSSE:
		var vectors, fields strings.Builder
		for _, v := range vectorViews {
			fmt.Fprintf(&vectors, "<vector id=%q type=%q count=\"%d\"/>\n", v.name, v.element, v.count)
			fmt.Fprintf(&fields, "<field name=%q type=%q/>\n", v.name, v.name)
		}
		return vectors.String() + "<union id=\"vec128\">\n" + fields.String() +
			"<field name=\"uint128\" type=\"uint128\"/>\n</union>\n" + flagsType("mxcsr", mxcsrBits)
	}
	return ""
}

func flagsType(id string, bits []bit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<flags id=%q size=\"4\">\n", id)
	for _, f := range bits {
		fmt.Fprintf(&b, "<field name=%q start=\"%d\" end=\"%d\"/>\n", f.name, f.start, f.start)
	}
	b.WriteString("</flags>\n")
	return b.String()
}
