package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// tableFeatures sends a request for table features, in parts if it has a body,
// and returns the answer.
func (c *controller) tableFeatures(t *testing.T, req ...ofp13.TableFeatures) []ofp13.TableFeatures {
	t.Helper()
	var body []byte
	for i := range req {
		body = req[i].Append(body)
	}
	size := min(60_000, len(body)/2) // parts end in the midst of a table, mostly
	for size > 0 && len(body) > size {
		part := ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Flags: ofp13.MultipartMore, Body: body[:size]}
		if _, err := c.conn.Write(part.AppendTo(nil, c.xid+1)); err != nil { // of one request with the last
			t.Fatal(err)
		}
		body = body[size:]
	}
	return decodeAll[ofp13.TableFeatures](t, c.multipart(t, ofp13.MultipartTableFeatures, body))
}

// narrow makes a table match in_port only, always, and output to ports only.
func narrow(f ofp13.TableFeatures, next ...uint8) ofp13.TableFeatures {
	f.Name, f.MaxEntries = "narrow", 2
	for i := range f.Properties {
		p := &f.Properties[i]
		switch p.Type {
		case ofp13.TablePropMatch:
			p.Fields = slices.DeleteFunc(p.Fields, func(id ofp13.OXMID) bool { return id.Field != ofp13.OXMInPort })
		case ofp13.TablePropNextTables, ofp13.TablePropNextTablesMiss:
			p.NextTables = next
		case ofp13.TablePropWildcards, ofp13.TablePropWriteSetField, ofp13.TablePropWriteSetFieldMiss,
			ofp13.TablePropApplySetField, ofp13.TablePropApplySetFieldMiss:
			p.Fields = nil
		case ofp13.TablePropApplyActions, ofp13.TablePropApplyActionsMiss, ofp13.TablePropWriteActions, ofp13.TablePropWriteActionsMiss:
			p.Actions = []ofp13.FeatureID{{Type: ofp13.ActionOutput}}
		}
	}
	return f
}

// A controller configures the pipeline, is held to it, sees frames obey it, and
// puts all back as it was.
func TestConfigureTables(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	d := l.start(t)
	c := d.connect(t)
	whole := c.tableFeatures(t)
	if len(whole) != 254 {
		t.Fatalf("%d tables, want 254", len(whole))
	}
	d.setFlows(t, "udp,actions=output:2")
	w := l.wires(t)
	exchange(t, w[0], w[1], repeats, udpFrame(1, 1, nil))

	want := []ofp13.TableFeatures{narrow(c.tableFeatures(t)[0], 7), narrow(c.tableFeatures(t)[7])}
	got := c.tableFeatures(t, want...)
	if len(got) != 2 || string(got[0].Append(nil)) != string(want[0].Append(nil)) || string(got[1].Append(nil)) != string(want[1].Append(nil)) {
		t.Errorf("configured %+v\nread %+v", want, got)
	}
	c.barrier(t)
	w[0].send(t, udpFrame(1, 1, nil))
	expectSilence(t, "after the entries of changed tables are gone", w[1])

	c.refused(t, "a field", flow(ofp13.FlowMod{Match: ofp13.Match{Fields: []ofp13.OXM{ofp13.NewOXM64(ofp13.OXMInPort, 1),
		ofp13.NewOXM64(ofp13.OXMEthDst, 1)}}}), ofp13.ErrTypeBadMatch, ofp13.BadMatchBadField)
	c.refused(t, "another table", flow(ofp13.FlowMod{TableID: 1}), ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTableID)
	c.refused(t, "priority 1 for all", flow(ofp13.FlowMod{Priority: 1}), ofp13.ErrTypeBadMatch, ofp13.BadMatchBadWildcards)
	goTo := []ofp13.Instruction{{Type: ofp13.InstructionGotoTable, TableID: 7}}
	c.send(t, flow(ofp13.FlowMod{Match: fromPort(1), Instructions: goTo}))
	c.send(t, flow(ofp13.FlowMod{Match: fromPort(2), Instructions: goTo}))
	c.refused(t, "one too many", flow(ofp13.FlowMod{Match: fromPort(3)}), ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedTableFull)
	c.send(t, flow(ofp13.FlowMod{TableID: 7, Match: fromPort(1), Instructions: apply(outputTo(2))}))
	c.barrier(t)
	exchange(t, w[0], w[1], repeats, udpFrame(1, 1, nil))

	if got := c.tableFeatures(t, whole...); len(got) != 254 {
		t.Errorf("%d tables, want all 254 back", len(got))
	}
	d.setFlows(t, "udp,actions=output:2")
	exchange(t, w[0], w[1], repeats, udpFrame(1, 1, nil))
}

func TestFixedTables(t *testing.T) {
	t.Parallel()
	c := newLab(t, 1).start(t, "--fixed-tables").connect(t)
	f := c.tableFeatures(t)[0]
	c.refused(t, "table features", &ofp13.MultipartRequest{Type: ofp13.MultipartTableFeatures, Body: f.Append(nil)},
		ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedEPerm)
}

// Within a second of a packet that no entry matches, lookups have risen and
// matches have not, also where a cached flow drops it.
func TestMissesAreCountedSoon(t *testing.T) {
	t.Parallel()
	l := newLab(t, 2)
	c := l.start(t).connect(t)
	w := l.wires(t)
	const burst = 20
	for round := uint64(1); round <= 4; round++ {
		for range burst {
			w[0].send(t, udpFrame(1, 1, nil))
		}
		awaitFor(t, time.Second, "the misses are counted", func() bool {
			s := c.tableStats(t, 0)
			if s.MatchedCount != 0 || s.ActiveCount != 0 || s.LookupCount > round*burst {
				t.Fatalf("round %d: %+v", round, s)
			}
			return s.LookupCount == round*burst
		})
	}
}
