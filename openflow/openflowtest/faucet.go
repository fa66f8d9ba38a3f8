package openflowtest

import (
	"errors"
	"fmt"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// faucetPacketIns are the packet-in reasons that Faucet wants in the end:
// ACTION and INVALID_TTL.
const faucetPacketIns = 1<<ofp.PacketInReasonAction | 1<<ofp.PacketInReasonInvalidTTL

// Faucet plays Faucet: no packets for misses, asynchronous messages off while
// it rebuilds four tables for VLANs and learning, then on for what it wants.
func Faucet(c *Controller) error {
	p := newPlayer("Faucet", c)
	p.ryuHandshake()
	p.setMissSendLen(0)
	p.checkMissSendLen(0)
	p.setAsync(ofp.AsyncConfig{})
	p.getDesc()
	p.flowMod("FLOW_MOD delete all", ofp.FlowMod{Command: ofp.FlowDelete, Table: ofp.TableAll})
	p.deleteAllGroups(ofp.GroupTypeAll)
	p.deleteAllMeters()
	p.barrier()
	flows := faucetFlows()
	for _, flow := range flows {
		p.flowMod("FLOW_MOD", flow)
	}
	p.barrier()
	p.checkFlows(flows)
	p.setAsync(ofp.AsyncConfig{
		PacketInMask:   [2]uint32{faucetPacketIns, 0},
		PortStatusMask: [2]uint32{7, 7},
	})
	p.checkAsync(faucetPacketIns)
	return p.err
}

func (p *player) setAsync(a ofp.AsyncConfig) { p.send("SET_ASYNC", of.TypeSetAsync, &a) }

// checkAsync asks for the filters.
func (p *player) checkAsync(packetIns uint32) {
	p.step("GET_ASYNC", func() error {
		m, err := p.Request(of.TypeGetAsyncRequest, nil, of.TypeGetAsyncReply)
		switch {
		case err != nil:
			return err
		case m.Uint32(0) != packetIns:
			return fmt.Errorf("packet-in mask is %#x, not %#x", m.Uint32(0), packetIns)
		case m.Uint32(16) != 0:
			return errors.New("flow-removed mask is not empty")
		}
		return nil
	})
}

// faucetFlows tag what comes in untagged, learn, look up, and flood.
func faucetFlows() []ofp.FlowMod {
	vlan100 := field(ofp.XMTypeVlanID, 0x10, 100)
	flows := []ofp.FlowMod{
		{
			Table: 0, Priority: 9000,
			Match: fields(field(ofp.XMTypeInPort, 0, 0, 0, 1), field(ofp.XMTypeVlanID, 0, 0)),
			Instructions: ofp.Instructions{
				apply(&ofp.ActionPushVLAN{EtherType: 0x8100}, &ofp.ActionSetField{Field: vlan100}),
				&ofp.InstructionGotoTable{Table: 1},
			},
		},
		{
			Table: 1, Priority: 8191,
			Match: fields(vlan100),
			Instructions: ofp.Instructions{
				apply(toController(194)),
				&ofp.InstructionGotoTable{Table: 2},
			},
		},
		{
			Table: 2, Priority: 8192, IdleTimeout: 300,
			Match: fields(vlan100, field(ofp.XMTypeEthDst, 2, 0, 0, 0, 0, 2)),
			Instructions: ofp.Instructions{
				apply(&ofp.ActionPopVLAN{}, &ofp.ActionOutput{Port: 2}),
			},
		},
		{
			Table: 2, Priority: 0,
			Instructions: ofp.Instructions{&ofp.InstructionGotoTable{Table: 3}},
		},
		{
			Table: 3, Priority: 8240,
			Match: fields(vlan100, ofp.XM{
				Class: ofp.XMClassOpenflowBasic, Type: ofp.XMTypeEthDst,
				Value: ofp.XMValue{1, 0, 0, 0, 0, 0}, Mask: ofp.XMValue{1, 0, 0, 0, 0, 0},
			}),
			Instructions: ofp.Instructions{apply(&ofp.ActionPopVLAN{}, &ofp.ActionOutput{Port: ofp.PortFlood})},
		},
	}
	for i := range flows {
		flows[i].Command = ofp.FlowAdd
		flows[i].Cookie = 0x5adc_15c0 + uint64(i)
		complete(&flows[i])
	}
	return flows
}
