package openflowtest

import (
	"fmt"

	of "github.com/netrack/openflow"
	"github.com/netrack/openflow/ofp"
)

// ONOS plays ONOS with its default driver: it waits for the switch's HELLO,
// becomes master with generation 0, installs its packet requests under one xid,
// polls statistics, and compares each flow with what it had sent.
func ONOS(c *Controller) error {
	p := newPlayer("ONOS", c)
	p.expectHello()
	p.sendHello(4)
	p.getFeatures()
	p.getPorts()
	if p.features.NumBuffers > 0 {
		p.setMissSendLen(0xffff)
		p.barrier()
	}
	p.step("GET_CONFIG", func() error {
		_, err := p.Request(of.TypeGetConfigRequest, nil, of.TypeGetConfigReply)
		return err
	})
	p.anyAnswer("METER_FEATURES", ofp.MultipartTypeMeterFeatures)
	p.getDesc()
	p.beMaster()
	p.beMaster()

	requests := onosPacketRequests()
	p.sendBatch(requests)
	p.barrier()
	p.onosPoll()
	p.checkFlows(requests)

	last := requests[len(requests)-1]
	last.Command = ofp.FlowDeleteStrict
	p.flowMod("FLOW_MOD delete strict", last)
	p.expectFlowRemoved(last.Cookie, ofp.FlowReasonDelete)
	p.barrier()
	p.checkFlows(requests[:len(requests)-1])
	return p.err
}

// onosPacketRequests are the flows by which ONOS asks for LLDP, BDDP and ARP:
// to the controller, and nothing else.
func onosPacketRequests() []ofp.FlowMod {
	var flows []ofp.FlowMod
	for i, ethType := range []uint16{0x88cc, 0x8942, 0x0806} {
		m := ofp.FlowMod{
			Cookie:   0x0001_0000_0f05_0000 + uint64(i),
			Command:  ofp.FlowAdd,
			Priority: 40000,
			Flags:    ofp.FlowFlagSendFlowRem,
			Match:    fields(field(ofp.XMTypeEthType, byte(ethType>>8), byte(ethType))),
			Instructions: ofp.Instructions{
				apply(toController(0xffff)),
				&ofp.InstructionClearActions{},
			},
		}
		flows = append(flows, *complete(&m))
	}
	return flows
}

// sendBatch sends flow-mods under one xid.
func (p *player) sendBatch(flows []ofp.FlowMod) {
	p.step("FLOW_MOD batch", func() error {
		p.xid++
		for i := range flows {
			if err := p.SendXID(p.xid, of.TypeFlowMod, &flows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// onosPoll is what ONOS asks for every few seconds, whatever the switch can do.
func (p *player) onosPoll() {
	p.list(ofp.MultipartTypeTable, nil)
	p.list(ofp.MultipartTypePortStats, &ofp.PortStatsRequest{PortNo: ofp.PortAny})
	p.list(ofp.MultipartTypeGroup, &ofp.GroupStatsRequest{Group: ofp.GroupAll})
	p.list(ofp.MultipartTypeGroupDescription, nil)
	p.list(ofp.MultipartTypeMeter, &ofp.MeterStatsRequest{Meter: ofp.MeterAll})
}

// anyAnswer sends a multipart request without a body that may be refused, but
// not ignored.
func (p *player) anyAnswer(what string, typ ofp.MultipartType) {
	p.step(what, func() error {
		xid, err := p.Send(of.TypeMultipartRequest, ofp.NewMultipartRequest(typ, nil))
		if err != nil {
			return err
		}
		m, err := p.Next()
		if err == nil && (m.Transaction != xid || m.Type != of.TypeMultipartReply && m.Type != of.TypeError) {
			err = fmt.Errorf("answer is %v, request was xid %d", m, xid)
		}
		return err
	})
}
