package fwd

import (
	"github.com/ivs-go/ivs/flowtable"
	"github.com/ivs-go/ivs/openflow/ofp13"
	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"github.com/ivs-go/ivs/ovsdriver/translate"
)

// etherTypeLLDP is that of link discovery, which no limit holds back: a flood
// must not make links look dead.
const etherTypeLLDP = 0x88cc

// maxPacketInData is the longest frame that fits a packet-in with all of its
// match fields.
const maxPacketInData = 0xffff - 128

// PacketInCounters counts what became of packets for the controllers.
type PacketInCounters struct {
	Sent     uint64 // messages; a frame that was segmented makes several
	Unwanted uint64 // frames that no controller's role and filters let through
	Limited  uint64 // frames beyond the rate limit
	Metered  uint64 // frames that the meter OFPM_CONTROLLER dropped
	Disabled uint64 // table misses of ports with OFPPC_NO_PACKET_IN
	Gone     uint64 // frames of ports that have gone since
	Bad      uint64 // frames that could not be completed or do not fit a message
}

// PacketIn hands a frame to the controllers: p says why, key is that of the
// frame as it came in, and f is the frame as edited since, which may be edited
// further. The controllers' filters, the port's configuration, the meter
// OFPM_CONTROLLER and the rate limit are obeyed, in this order, so that what
// nobody is told takes nothing from what somebody is. What passes is completed
// and segmented.
func (p *Packets) PacketIn(in *translate.PacketIn, key *flowtable.Key, f *datapath.Frame) {
	port := key.Get(flowtable.InPort)
	if !p.cfg.Wanted(in.Reason) {
		p.counters.Unwanted++
		return
	}
	if !p.portAllows(port, in.Reason) {
		return
	}
	if !p.cfg.Tables.meters.admits(f, p.cfg.Now()) {
		p.counters.Metered++
		return
	}
	exempt := p.cfg.Unlimited || key.Get(flowtable.EthType) == etherTypeLLDP
	if !exempt && !p.limiter.allow(port, p.cfg.Now()) {
		p.counters.Limited++
		return
	}
	p.describe(in, port)
	if err := p.segmenter.Segment(f, p.send); err != nil {
		p.counters.Bad++
	}
}

// portAllows reports whether a packet of a port may go up for this reason, and
// counts those that may not: controllers that were told of a port's end shall hear no
// more of it, and table misses of a port may be unwanted (§7.2.1).
func (p *Packets) portAllows(port uint64, reason uint8) bool {
	known := p.cfg.Tables.view.Ports().Get(datapath.PortNo(port))
	switch {
	case known == nil && port != uint64(ofp13.PortController): // CONTROLLER is that of packet-outs
		p.counters.Gone++
		return false
	case known != nil && reason == ofp13.ReasonNoMatch && known.Config&ofp13.PortConfigNoPacketIn != 0:
		p.counters.Disabled++
		return false
	}
	return true
}

// describe fills the message, but for the frame. Fields that are zero are left
// out of the match, and in_phy_port is always in_port (§7.4.1).
func (p *Packets) describe(in *translate.PacketIn, port uint64) {
	fields := append(p.message.Match.Fields[:0], ofp13.NewOXM64(ofp13.OXMInPort, port))
	if in.Metadata != 0 {
		fields = append(fields, ofp13.NewOXM64(ofp13.OXMMetadata, in.Metadata))
	}
	if in.TunnelID != 0 {
		fields = append(fields, ofp13.NewOXM64(ofp13.OXMTunnelID, in.TunnelID))
	}
	p.message = ofp13.PacketIn{
		BufferID: ofp13.NoBuffer,
		Reason:   in.Reason,
		TableID:  in.Table,
		Cookie:   in.Cookie,
		Match:    ofp13.Match{Fields: fields},
	}
	p.maxLen, p.inPort = in.MaxLen, datapath.PortNo(port)
}

// sendSegment sends the message with a complete frame: the whole of it, unless
// it is buffered, and as much of it then as the output action wants. Of what no
// action has sent, each connection gets as much as its miss_send_len says, and
// its session cuts it (§7.4.1).
func (p *Packets) sendSegment(f *datapath.Frame) error {
	if f.Len() > maxPacketInData {
		p.counters.Bad++
		return nil
	}
	p.message.TotalLen = uint16(f.Len())
	p.message.Data = f.Bytes()
	p.buffer()
	p.cfg.PacketIn(&p.message)
	p.message.Data = nil
	p.counters.Sent++
	return nil
}

// buffer keeps the message's frame, if controllers are to get a part of it, and
// cuts it.
func (p *Packets) buffer() {
	m := &p.message
	byAction := m.Reason != ofp13.ReasonInvalidTTL
	if byAction && p.maxLen == ofp13.ControllerMaxNoBuffer {
		return
	}
	m.BufferID = p.buffers.keep(m.Data, p.inPort, p.cfg.Now())
	if byAction && m.BufferID != ofp13.NoBuffer {
		m.Data = m.Data[:min(len(m.Data), int(p.maxLen))]
	}
}
