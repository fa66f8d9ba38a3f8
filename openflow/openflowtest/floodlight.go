package openflowtest

import (
	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// lldp is a discovery frame as controllers send it.
var lldp = []byte{
	0x01, 0x80, 0xc2, 0x00, 0x00, 0x0e, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x88, 0xcc, // Ethernet
	0x02, 0x07, 0x04, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, // chassis id: MAC
	0x04, 0x03, 0x02, 0x00, 0x01, // port id
	0x06, 0x02, 0x00, 0x78, // time to live
	0x00, 0x00, // end
	59: 0,
}

// Floodlight plays Floodlight: it offers versions up to 1.5, reads table
// features before it installs its table-miss flow, takes any error before it is
// master as a reason to hang up, and clears the switch when it is.
func Floodlight(c *Controller) error {
	p := newPlayer("Floodlight", c)
	p.sendHello(6, 0, 1, 0, 8, 0, 0, 0, 0x7e) // a bitmap: 1.0 to 1.5
	p.expectHello()
	p.getFeatures()
	p.getPorts()
	p.setMissSendLen(0xffff)
	p.barrier()
	p.checkMissSendLen(0xffff)
	p.getDesc()
	p.checkTableFeatures()
	p.beMaster()
	p.floodlightClear()

	miss := floodlightMiss()
	p.flowMod("FLOW_MOD table miss", miss)
	p.barrier()
	p.checkFlows([]ofp.FlowMod{miss})
	for _, port := range []ofp.PortNo{0, ofp.PortController, ofp.PortAny} {
		p.packetOut(port)
	}
	p.barrier()
	p.floodlightForward()
	p.beMaster()
	return p.err
}

// floodlightClear is what a new master does: nothing of it may fail on an empty
// switch.
func (p *player) floodlightClear() {
	p.flowMod("FLOW_MOD delete all", ofp.FlowMod{Command: ofp.FlowDelete, Table: ofp.TableAll})
	for _, typ := range []ofp.GroupType{
		ofp.GroupTypeAll, ofp.GroupTypeSelect, ofp.GroupTypeIndirect, ofp.GroupTypeFastFailover,
	} {
		p.deleteAllGroups(typ)
	}
	p.barrier()
	p.flowMod("FLOW_MOD delete what goes to the controller", ofp.FlowMod{
		Command: ofp.FlowDeleteStrict, Table: ofp.TableAll, OutPort: ofp.PortController,
	})
}

// floodlightMiss is the entry of priority 0 that sends everything up.
func floodlightMiss() ofp.FlowMod {
	m := ofp.FlowMod{
		Cookie:       0x0f10_0d00,
		Command:      ofp.FlowAdd,
		Instructions: ofp.Instructions{apply(toController(0xffff))},
	}
	return *complete(&m)
}

// packetOut floods a discovery frame that came from some port or none.
func (p *player) packetOut(inPort ofp.PortNo) {
	p.send("PACKET_OUT", of.TypePacketOut, &ofp.PacketOut{
		Buffer:  ofp.NoBuffer,
		InPort:  inPort,
		Actions: ofp.Actions{&ofp.ActionOutput{Port: ofp.PortFlood}},
		Data:    lldp,
	})
}

// floodlightForward installs one flow of the forwarding module and deletes it by
// its cookie.
func (p *player) floodlightForward() {
	flow := ofp.FlowMod{
		Cookie:      0x0020_0000_0000_0001,
		Command:     ofp.FlowAdd,
		Priority:    1,
		IdleTimeout: 5,
		Match: fields(
			field(ofp.XMTypeInPort, 0, 0, 0, 1),
			field(ofp.XMTypeEthDst, 2, 0, 0, 0, 0, 2),
			field(ofp.XMTypeEthSrc, 2, 0, 0, 0, 0, 1),
			field(ofp.XMTypeEthType, 8, 0),
			field(ofp.XMTypeIPProto, 6),
			field(ofp.XMTypeIPv4Src, 10, 0, 0, 1),
			field(ofp.XMTypeIPv4Dst, 10, 0, 0, 2),
			field(ofp.XMTypeTCPSrc, 0x30, 0x39),
			field(ofp.XMTypeTCPDst, 0, 80),
		),
		Instructions: ofp.Instructions{apply(&ofp.ActionOutput{Port: 2, MaxLen: 0xffff})},
	}
	complete(&flow)
	p.flowMod("FLOW_MOD forward", flow)
	p.barrier()
	p.checkFlows([]ofp.FlowMod{flow})
	p.flowMod("FLOW_MOD delete by cookie", ofp.FlowMod{
		Command: ofp.FlowDelete, Table: ofp.TableAll,
		Cookie: flow.Cookie, CookieMask: 0xfff0_0000_0000_0000,
	})
	p.barrier()
}
