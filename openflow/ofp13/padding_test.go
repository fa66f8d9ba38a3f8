package ofp13

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
)

// What stands in padding does not matter (§7.1.2).
func TestPaddingIsIgnored(t *testing.T) {
	out := []Action{{Type: ActionOutput, ID: 1, MaxLen: 128}}
	for _, c := range []struct {
		m    Message
		pads [][2]int // from, to
	}{
		{&PacketOut{BufferID: NoBuffer, InPort: 1, Actions: out, Data: []byte("frame")}, [][2]int{{18, 24}, {34, 40}}},
		{&FlowMod{Instructions: []Instruction{{Type: InstructionGotoTable, TableID: 5}, {Type: InstructionApplyActions, Actions: []Action{
			{Type: ActionSetField, Field: NewOXM64(OXMEthDst, 5)}, {Type: ActionPopVLAN}, {Type: ActionPushVLAN, EtherType: 0x8100}}}}},
			[][2]int{{46, 48}, {52, 56}, {61, 64}, {68, 72}, {86, 88}, {92, 96}, {102, 104}}},
		{&GroupMod{GroupID: 1, Buckets: []Bucket{{WatchPort: PortAny, WatchGroup: GroupAny, Actions: out}}}, [][2]int{{11, 12}, {28, 32}, {42, 48}}},
		{&PortMod{PortNo: 1}, [][2]int{{12, 16}, {22, 24}, {36, 40}}},
		{&TableMod{TableID: 1}, [][2]int{{9, 12}}},
		{&MeterMod{MeterID: 1, Bands: []MeterBand{{Type: MeterBandDrop, Rate: 1}, {Type: MeterBandDSCPRemark, Rate: 2, PrecLevel: 1}}},
			[][2]int{{28, 32}, {45, 48}}},
		{&MultipartRequest{Type: MultipartDesc}, [][2]int{{12, 16}}},
		{&QueueGetConfigRequest{Port: 1}, [][2]int{{12, 16}}},
		{&RoleRequest{Role: RoleMaster, GenerationID: 5}, [][2]int{{12, 16}}},
	} {
		plain := c.m.AppendTo(nil, 7)
		padded := bytes.Clone(plain)
		for _, p := range c.pads {
			for i := p[0]; i < p[1]; i++ {
				if plain[i] != 0 {
					t.Fatalf("%T: byte %d of %x is no padding", c.m, i, plain)
				}
				padded[i] = 0xff
			}
		}
		got := reflect.New(reflect.TypeOf(c.m).Elem()).Interface().(Message)
		if err := got.Decode(padded); err != nil {
			t.Errorf("%T: %v", c.m, err)
			continue
		}
		if again := got.AppendTo(nil, 7); !bytes.Equal(again, plain) {
			t.Errorf("%T: %s of padding became\n%x, want\n%x", c.m, fmt.Sprint(c.pads), again, plain)
		}
	}
}
