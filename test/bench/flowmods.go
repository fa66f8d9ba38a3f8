package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/openflow/openflowtest"
)

// flowCount is how many flows each of the following measurements adds.
const flowCount = 20000

// flowMods adds flows by ovs-ofctl and then looks at the memory. ovs-ofctl
// sends a barrier after each flow and waits for the reply: its rate is that of
// round trips.
func flowMods(l *lab, f *forwarder) (map[string]float64, error) {
	var text strings.Builder
	for i := range flowCount {
		fmt.Fprintf(&text, "priority=100,udp,in_port=1,nw_dst=10.9.%d.%d,tp_dst=%d,actions=output:2\n", i>>8, i&0xff, i+1)
	}
	file := filepath.Join(l.dir, "flows")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := f.ofctl(l, "add-flows", file); err != nil {
		return nil, err
	}
	took := time.Since(begin)
	memory, err := f.main.residentBytes()
	return map[string]float64{"flow_mods": flowCount / took.Seconds() / 1e3, "memory": memory / 1e6}, err
}

// flowStream adds as many other flows in one go, with one barrier behind them,
// as a controller does that fills the tables.
func flowStream(_ *lab, f *forwarder) (map[string]float64, error) {
	c, err := openflowtest.Dial("unix", strings.TrimPrefix(f.target, "unix:"))
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.Timeout = 30 * time.Second
	if err := c.SendBytes((&ofp13.Hello{Version: 4}).AppendTo(nil, 0)); err != nil {
		return nil, err
	}
	if _, err := c.Receive(); err != nil { // the switch's hello
		return nil, err
	}
	var stream []byte
	for i := range uint32(flowCount) {
		stream = streamedFlow(i).AppendTo(stream, i)
	}
	begin := time.Now()
	if err := c.SendBytes(stream); err != nil {
		return nil, err
	}
	if err := c.Barrier(); err != nil {
		return nil, err
	}
	return map[string]float64{"flow_stream": flowCount / time.Since(begin).Seconds() / 1e3}, nil
}

// streamedFlow is the i-th flow of flowStream.
func streamedFlow(i uint32) *ofp13.FlowMod {
	return &ofp13.FlowMod{
		Command: ofp13.FlowAdd, Priority: 100,
		BufferID: ofp13.NoBuffer, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny,
		Match: ofp13.Match{Fields: []ofp13.OXM{
			ofp13.NewOXM64(ofp13.OXMInPort, 1),
			ofp13.NewOXM64(ofp13.OXMEthType, 0x0800),
			ofp13.NewOXM64(ofp13.OXMIPProto, 17),
			ofp13.NewOXM64(ofp13.OXMIPv4Dst, uint64(10<<24|10<<16|i)),
			ofp13.NewOXM64(ofp13.OXMUDPDst, uint64(i+1)),
		}},
		Instructions: []ofp13.Instruction{{
			Type:    ofp13.InstructionApplyActions,
			Actions: []ofp13.Action{{Type: ofp13.ActionOutput, ID: 2}},
		}},
	}
}
