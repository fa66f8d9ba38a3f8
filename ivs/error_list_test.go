package main

import (
	"strings"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// elsewhere are codes that other tests provoke: what they need is not to be had
// here.
func elsewhere() map[codes]string {
	const r = ofp13.ErrTypeBadRequest
	return map[codes]string{
		{ofp13.ErrTypeHelloFailed, ofp13.HelloFailedIncompatible}:          "openflow: TestHelloForms",
		{r, ofp13.BadRequestBufferEmpty}:                                   "test/e2e: TestBuffers",
		{r, ofp13.BadRequestBadExpType}:                                    "test/e2e: TestExperimentersRefused",
		{r, ofp13.BadRequestEPerm}:                                         "openflow: TestInternalErrors",
		{ofp13.ErrTypePortModFailed, ofp13.PortModFailedEPerm}:             "ovsdriver/vport: TestPortMod",
		{ofp13.ErrTypeQueueOpFailed, ofp13.QueueOpFailedEPerm}:             "test/e2e: TestManyQueues",
		{ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedOutOfGroups}:     "ovsdriver/fwd: TestOutOfGroups",
		{ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedOutOfMeters}:     "ovsdriver/fwd: TestMeterRefusals",
		{ofp13.ErrTypeTableFeaturesFailed, ofp13.TableFeaturesFailedEPerm}: "test/e2e: TestFixedTables",
	}
}

// neverSent are the codes that this switch has no occasion to send, and why.
func neverSent() map[codes]string {
	const (
		permission = "nobody is refused for want of permission"
		extensions = "no experimenter's is known, so the experimenter is refused first"
		masks      = "any mask of an address is supported"
	)
	return map[codes]string{
		{ofp13.ErrTypeHelloFailed, ofp13.HelloFailedEPerm}:                   permission,
		{ofp13.ErrTypeBadAction, ofp13.BadActionBadExpType}:                  extensions,
		{ofp13.ErrTypeBadAction, ofp13.BadActionEPerm}:                       permission,
		{ofp13.ErrTypeBadAction, ofp13.BadActionUnsupportedOrder}:            "actions are done in any order",
		{ofp13.ErrTypeBadAction, ofp13.BadActionBadTag}:                      "a tag's type is an argument: BAD_ARGUMENT",
		{ofp13.ErrTypeBadInstruction, ofp13.BadInstructionBadExpType}:        extensions,
		{ofp13.ErrTypeBadInstruction, ofp13.BadInstructionEPerm}:             permission,
		{ofp13.ErrTypeBadMatch, ofp13.BadMatchBadTag}:                        "tags are fields: BAD_VALUE",
		{ofp13.ErrTypeBadMatch, ofp13.BadMatchBadDLAddrMask}:                 masks,
		{ofp13.ErrTypeBadMatch, ofp13.BadMatchBadNWAddrMask}:                 masks,
		{ofp13.ErrTypeBadMatch, ofp13.BadMatchEPerm}:                         permission,
		{ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedUnknown}:             "every failure has a name",
		{ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedEPerm}:               permission,
		{ofp13.ErrTypeFlowModFailed, ofp13.FlowModFailedBadTimeout}:          "every timeout is supported",
		{ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedWeightUnsupported}: "every weight is supported",
		{ofp13.ErrTypeGroupModFailed, ofp13.GroupModFailedEPerm}:             permission,
		{ofp13.ErrTypeTableModFailed, ofp13.TableModFailedEPerm}:             permission,
		{ofp13.ErrTypeSwitchConfigFailed, ofp13.SwitchConfigFailedEPerm}:     permission,
		{ofp13.ErrTypeRoleRequestFailed, ofp13.RoleRequestFailedUnsup}:       "every role is supported",
		{ofp13.ErrTypeMeterModFailed, ofp13.MeterModFailedUnknown}:           "every failure has a name",
	}
}

// TestErrorCodes provokes every error code that a switch can send (§7.4.4), each
// by a message through a session, and sees that the switch lives on unchanged.
func TestErrorCodes(t *testing.T) {
	sent := elsewhere()
	for _, list := range [][]provocation{
		requestProvocations(), portProvocations(), matchProvocations(), actionProvocations(),
		instructionProvocations(), groupProvocations(), featureProvocations(), tableProvocations(),
	} {
		for _, p := range list {
			name := (&ofp13.Error{Type: p.typ, Code: p.code}).Name()
			sent[p.codes] = "here"
			t.Run(name+" "+p.why, func(t *testing.T) {
				a := newAgent(t)
				a.program()
				for _, m := range p.before {
					a.send(m)
				}
				a.answers(nil)
				before := a.state()
				b := p.m.AppendTo(nil, 0x1234)
				if p.patch != nil {
					p.patch(b)
				}
				a.refused(b, p.codes)
				if after := a.state(); after != before {
					t.Errorf("the switch has changed:\n%s\nbefore:\n%s", after, before)
				}
			})
		}
	}
	for typ := range uint16(14) {
		for code := range uint16(20) {
			name := (&ofp13.Error{Type: typ, Code: code}).Name()
			_, known := sent[codes{typ, code}]
			_, never := neverSent()[codes{typ, code}]
			if strings.Contains(name, "/OFP") && known == never {
				t.Errorf("%s: sent: %t, never sent: %t", name, known, never)
			}
		}
	}
}
