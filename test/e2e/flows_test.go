package e2e

import (
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// outputTo is an action that sends a packet out of a port, whole if that is the
// controller.
func outputTo(port uint32) ofp13.Action {
	return ofp13.Action{Type: ofp13.ActionOutput, ID: port, MaxLen: ofp13.ControllerMaxNoBuffer}
}

// apply is a list of one instruction, to apply actions.
func apply(actions ...ofp13.Action) []ofp13.Instruction {
	return []ofp13.Instruction{{Type: ofp13.InstructionApplyActions, Actions: actions}}
}

// fromPort matches what comes in at a port.
func fromPort(n uint64) ofp13.Match {
	return ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, n)}}
}

// flow makes a flow-mod whole: what is left zero and must not be.
func flow(m ofp13.FlowMod) *ofp13.FlowMod {
	m.BufferID = ofp13.NoBuffer
	m.OutPort, m.OutGroup = ofp13.PortAny, ofp13.GroupAny
	return &m
}

// everyFlow asks for the statistics of all flows.
func everyFlow() []byte {
	r := ofp13.FlowStatsRequest{TableID: ofp13.TableAll, OutPort: ofp13.PortAny, OutGroup: ofp13.GroupAny}
	return r.Append(nil)
}

// flowStats asks for the statistics of all flows, by cookie.
func (c *controller) flowStats(t *testing.T) map[uint64]ofp13.FlowStats {
	t.Helper()
	all := map[uint64]ofp13.FlowStats{}
	for b := c.multipart(t, ofp13.MultipartFlow, everyFlow()); len(b) > 0; {
		var f ofp13.FlowStats
		var err error
		if b, err = f.DecodeNext(b); err != nil {
			t.Fatal(err)
		}
		all[f.Cookie] = f
	}
	return all
}

// tableStats asks for the statistics of a table.
func (c *controller) tableStats(t *testing.T, table uint8) ofp13.TableStats {
	t.Helper()
	for b := c.multipart(t, ofp13.MultipartTable, nil); len(b) > 0; {
		var s ofp13.TableStats
		var err error
		if b, err = s.DecodeNext(b); err != nil {
			t.Fatal(err)
		}
		if s.TableID == table {
			return s
		}
	}
	t.Fatalf("no statistics of table %d", table)
	panic("unreachable")
}

// portStats asks for the statistics of a port.
func (c *controller) portStats(t *testing.T, port uint32) ofp13.PortStats {
	t.Helper()
	r := ofp13.PortStatsRequest{PortNo: port}
	var s ofp13.PortStats
	if _, err := s.DecodeNext(c.multipart(t, ofp13.MultipartPortStats, r.Append(nil))); err != nil {
		t.Fatal(err)
	}
	return s
}

// portDesc asks for the description of a port; ok is false if there is none.
func (c *controller) portDesc(t *testing.T, port uint32) (p ofp13.Port, ok bool) {
	t.Helper()
	for b := c.multipart(t, ofp13.MultipartPortDesc, nil); len(b) > 0; {
		var err error
		if b, err = p.DecodeNext(b); err != nil {
			t.Fatal(err)
		}
		if p.PortNo == port {
			return p, true
		}
	}
	return p, false
}
