package openflowtest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

const (
	flowModFixed   = 40 // bytes of a flow-mod's body before its match
	flowStatsFixed = 48 // bytes of a flow statistics element before its match
)

// fields is a match on the given fields, in their order.
func fields(xms ...ofp.XM) ofp.Match {
	return ofp.Match{Type: ofp.MatchTypeXM, Fields: xms}
}

// field is an exact match on one basic field.
func field(typ ofp.XMType, value ...byte) ofp.XM {
	return ofp.XM{Class: ofp.XMClassOpenflowBasic, Type: typ, Value: value}
}

// apply is an instruction to apply actions at once.
func apply(actions ...ofp.Action) ofp.Instruction {
	return &ofp.InstructionApplyActions{Actions: actions}
}

// toController is an action to send at most n bytes of a packet up.
func toController(n uint16) ofp.Action {
	return &ofp.ActionOutput{Port: ofp.PortController, MaxLen: n}
}

// flowMod sends a flow-mod; buffer, output port and output group are filled in.
func (p *player) flowMod(what string, m ofp.FlowMod) {
	p.send(what, of.TypeFlowMod, complete(&m))
}

func complete(m *ofp.FlowMod) *ofp.FlowMod {
	m.Buffer = ofp.NoBuffer
	m.OutGroup = ofp.GroupAny
	if m.OutPort == 0 {
		m.OutPort = ofp.PortAny
	}
	if m.Match.Type == 0 {
		m.Match = fields()
	}
	return m
}

// allFlows is the body of a request for every flow entry.
func allFlows() *ofp.FlowStatsRequest {
	return &ofp.FlowStatsRequest{
		Table: ofp.TableAll, OutPort: ofp.PortAny, OutGroup: ofp.GroupAny, Match: fields(),
	}
}

// checkFlows asks for all flows and finds each of those installed among them,
// exactly as it was sent: a controller that sees another match or other
// instructions takes the flow for a foreign one, and removes it.
func (p *player) checkFlows(installed []ofp.FlowMod) {
	p.step("FLOW statistics", func() error {
		parts, err := p.Multipart(ofp.MultipartTypeFlow, allFlows())
		if err != nil {
			return err
		}
		elements, err := splitElements(parts)
		if err != nil {
			return err
		}
		for i := range installed {
			if err := findFlow(elements, &installed[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// splitElements cuts multipart bodies into elements that start with their
// length.
func splitElements(parts [][]byte) (elements [][]byte, err error) {
	for _, part := range parts {
		for len(part) > 0 {
			if len(part) < flowStatsFixed {
				return nil, fmt.Errorf("%d bytes are too few for an element", len(part))
			}
			n := int(binary.BigEndian.Uint16(part))
			if n < flowStatsFixed || n > len(part) {
				return nil, fmt.Errorf("element says %d bytes of %d", n, len(part))
			}
			elements = append(elements, part[:n])
			part = part[n:]
		}
	}
	return elements, nil
}

// findFlow finds a flow by its cookie and compares the rest.
func findFlow(elements [][]byte, want *ofp.FlowMod) error {
	sent, err := Encode(0, of.TypeFlowMod, want)
	if err != nil {
		return err
	}
	for _, e := range elements {
		got := Message{Body: e}
		if got.Uint64(24) != want.Cookie {
			continue
		}
		switch {
		case got.Uint8(2) != uint8(want.Table):
			return fmt.Errorf("flow %#x is in table %d, not %d", want.Cookie, got.Uint8(2), want.Table)
		case got.Uint16(12) != want.Priority:
			return fmt.Errorf("flow %#x has priority %d, not %d", want.Cookie, got.Uint16(12), want.Priority)
		case got.Uint16(18) != uint16(want.Flags):
			return fmt.Errorf("flow %#x has flags %#x, not %#x", want.Cookie, got.Uint16(18), want.Flags)
		case !bytes.Equal(e[flowStatsFixed:], sent[HeaderLen+flowModFixed:]):
			return fmt.Errorf("flow %#x has match and instructions\n%x, not\n%x",
				want.Cookie, e[flowStatsFixed:], sent[HeaderLen+flowModFixed:])
		}
		return nil
	}
	return fmt.Errorf("flow %#x is missing", want.Cookie)
}

// expectFlowRemoved waits for the end of a flow that asked for a message.
func (p *player) expectFlowRemoved(cookie uint64, reason ofp.FlowRemovedReason) {
	p.step("FLOW_REMOVED", func() error {
		m, err := p.ExpectAsync(of.TypeFlowRemoved)
		if err == nil && (m.Uint64(0) != cookie || m.Uint8(10) != uint8(reason)) {
			err = fmt.Errorf("flow %#x is removed for reason %d, not flow %#x for %d",
				m.Uint64(0), m.Uint8(10), cookie, reason)
		}
		return err
	})
}

// Table feature properties that a table must state for its table-miss entry, or
// Floodlight installs none (OFPTFPT_*_MISS).
var missProperties = []ofp.TablePropType{
	ofp.TablePropTypeInstructionsMiss,
	ofp.TablePropTypeNextTablesMiss,
	ofp.TablePropTypeWriteActionsMiss,
	ofp.TablePropTypeApplyActionsMiss,
	ofp.TablePropTypeWriteSetFieldMiss,
	ofp.TablePropTypeApplySetFieldMiss,
}

// checkTableFeatures asks for the table features and looks for what Floodlight
// needs: all of the properties for misses, OUTPUT among the actions, no
// experimenter.
func (p *player) checkTableFeatures() {
	p.step("TABLE_FEATURES", func() error {
		parts, err := p.Multipart(ofp.MultipartTypeTableFeatures, nil)
		if err != nil {
			return err
		}
		tables, err := splitElements(parts)
		if err != nil {
			return err
		}
		if len(tables) != int(p.features.NumTables) {
			return fmt.Errorf("features of %d tables, n_tables is %d", len(tables), p.features.NumTables)
		}
		for _, table := range tables {
			if err := checkProperties(table); err != nil {
				return fmt.Errorf("table %d: %w", table[2], err)
			}
		}
		return nil
	})
}

// checkProperties looks at the features of one table.
func checkProperties(table []byte) error {
	const fixed = 64 // bytes before the properties
	seen := map[ofp.TablePropType][]byte{}
	for b := table[min(fixed, len(table)):]; len(b) > 0; {
		if len(b) < 4 {
			return fmt.Errorf("%d bytes are too few for a property", len(b))
		}
		typ, n := ofp.TablePropType(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint16(b[2:]))
		if n < 4 || n+(-n&7) > len(b) {
			return fmt.Errorf("property %d says %d bytes of %d", typ, n, len(b))
		}
		seen[typ] = b[4:n]
		b = b[n+(-n&7):]
	}
	for _, typ := range missProperties {
		if _, ok := seen[typ]; !ok {
			return fmt.Errorf("property %d is not stated for misses", typ)
		}
	}
	for _, typ := range []ofp.TablePropType{ofp.TablePropTypeExperimenter, ofp.TablePropTypeExperimenterMiss} {
		if _, ok := seen[typ]; ok {
			return errors.New("experimenter ids are listed, which Floodlight can't read")
		}
	}
	if !listsAction(seen[ofp.TablePropTypeApplyActionsMiss], ofp.ActionTypeOutput) {
		return errors.New("apply-actions for misses lack OUTPUT")
	}
	return nil
}

// listsAction reports whether a list of action headers names an action.
func listsAction(list []byte, want ofp.ActionType) bool {
	for len(list) >= 4 {
		if ofp.ActionType(binary.BigEndian.Uint16(list)) == want {
			return true
		}
		list = list[min(len(list), max(4, int(binary.BigEndian.Uint16(list[2:])))):]
	}
	return false
}
