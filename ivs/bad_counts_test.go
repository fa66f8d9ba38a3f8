package main

import (
	"encoding/binary"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// Lengths within messages that lie: each gets the error of the thing that is
// cut or torn by them, and nothing changes.
func TestWrongCounts(t *testing.T) {
	good := map[string]ofp13.Message{}
	for _, k := range kinds() {
		good[k.name] = k.m
	}
	badMatch := codes{ofp13.ErrTypeBadMatch, ofp13.BadMatchBadLen}
	badInstruction := codes{ofp13.ErrTypeBadInstruction, ofp13.BadInstructionBadLen}
	badAction := codes{ofp13.ErrTypeBadAction, ofp13.BadActionBadLen}
	badBucket := codes{ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedBadBucket}
	badFeatures := codes{ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedBadLen}
	a := newAgent(t)
	a.program()
	before := a.state()
	for _, c := range []struct {
		kind, what string
		at         int // of a 16-bit length
		lies       []uint16
		codes
	}{
		{"flow-mod", "match", 50, []uint16{0, 3, 41, 0x7fff, 0xffff}, badMatch},
		{"flow-mod", "field", 54, []uint16{0x0000, 0x0003, 0x0005, 0x00ff}, badMatch},
		{"flow-mod", "instruction", 66, []uint16{0, 4, 7, 12, 25, 32, 0xffff}, badInstruction},
		{"flow-mod", "action", 74, []uint16{0, 4, 8, 15, 17, 24, 0xffff}, badAction},
		{"group-mod", "bucket", 16, []uint16{0, 8, 15, 16, 17, 31, 33, 40, 0xffff}, badBucket},
		{"group-mod", "action", 34, []uint16{0, 4, 8, 15, 17, 24, 0xffff}, badAction},
		{"meter-mod", "band", 18, []uint16{0, 8, 15, 17, 24, 0xffff}, badLen},
		{"packet-out", "actions", 16, []uint16{81, 0xffff}, badLen},
		{"packet-out", "actions that are cut", 16, []uint16{1, 8, 15, 17}, badAction},
		{"packet-out", "action", 26, []uint16{0, 4, 8, 15, 17, 24, 0xffff}, badAction},
		{"flow statistics", "match", 16 + 34, []uint16{0, 3, 9, 0xffff}, badMatch},
		{"aggregate statistics", "match", 16 + 34, []uint16{0, 3, 9, 0xffff}, badMatch},
		{"table features", "table", 16, []uint16{0, 56, 63, 65, 80, 0xffff}, badFeatures},
		{"table features", "property", 16 + 66, []uint16{0, 3, 9, 0xffff}, badFeatures},
	} {
		for _, lie := range c.lies {
			b := good[c.kind].AppendTo(nil, 0xbad)
			binary.BigEndian.PutUint16(b[c.at:], lie)
			t.Logf("%s: %s of %d bytes", c.kind, c.what, lie)
			a.refused(b, c.codes)
		}
	}
	if after := a.state(); after != before {
		t.Errorf("the switch has changed:\n%s\nbefore:\n%s", after, before)
	}
}
