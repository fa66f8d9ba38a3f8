package openflow

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// asyncConfig is which asynchronous messages a connection wants (§6.1.2,
// §7.3.10).
type asyncConfig = ofp13.AsyncConfig

// Indexes into the masks of an asyncConfig.
const (
	asMasterOrEqual = 0
	asSlave         = 1
)

// defaultAsync is everything but packets of invalid TTL for masters and equals,
// port status only for slaves (§7.3.10).
func defaultAsync() asyncConfig {
	const (
		packetIns    = 1<<ofp13.ReasonNoMatch | 1<<ofp13.ReasonAction
		portStatuses = 1<<ofp13.PortReasonAdd | 1<<ofp13.PortReasonDelete | 1<<ofp13.PortReasonModify
		flowsRemoved = 1<<ofp13.RemovedIdleTimeout | 1<<ofp13.RemovedHardTimeout |
			1<<ofp13.RemovedDelete | 1<<ofp13.RemovedGroupDelete
	)
	return asyncConfig{
		PacketInMask:    [2]uint32{packetIns, 0},
		PortStatusMask:  [2]uint32{portStatuses, portStatuses},
		FlowRemovedMask: [2]uint32{flowsRemoved, 0},
	}
}

// wants reports whether a connection is told of something that has one mask
// per kind of role.
func (ss *session) wants(masks *[2]uint32, reason uint8) bool {
	return ss.listens() && masks[ss.asyncIndex()]>>reason&1 != 0
}

// listens reports whether a connection may be told of anything: auxiliary ones
// get what their main connection hands on.
func (ss *session) listens() bool {
	return ss.greeted && !ss.closing && ss.auxiliary == nil
}

func (ss *session) asyncIndex() int {
	if ss.role == ofp13.RoleSlave {
		return asSlave
	}
	return asMasterOrEqual
}

// WantsPacketIn reports whether any connection would be sent a packet-in for
// this reason (OFPR_*). Any goroutine may ask.
func (s *Server) WantsPacketIn(reason uint8) bool {
	return s.interest.Load()>>reason&1 != 0
}

// countInterest keeps WantsPacketIn true after a change of sessions, roles or
// filters, and tells who watches them.
func (s *Server) countInterest() {
	var interest uint32
	for _, ss := range s.sessions {
		if ss.listens() {
			interest |= ss.async.PacketInMask[ss.asyncIndex()]
		}
	}
	s.interest.Store(interest)
	s.connectionsChanged()
}

// PacketIn sends a packet to every controller whose role and filters want it, as
// it is: one that is not buffered is whole, whatever max_len said, for what was
// cut off could not be had again. Only a buffered packet that no output action
// has sent is cut here, to the controller's miss_send_len (§7.3.2, §7.4.1).
func (s *Server) PacketIn(m *ofp13.PacketIn) {
	if !s.WantsPacketIn(m.Reason) {
		return
	}
	cut := m.BufferID != ofp13.NoBuffer && m.Reason == ofp13.ReasonInvalidTTL
	encoded := s.scratch[:0]
	for _, ss := range s.sessions {
		if !ss.wants(&ss.async.PacketInMask, m.Reason) {
			continue
		}
		switch {
		case cut:
			part := ss.part(m)
			encoded = part.AppendTo(encoded[:0], 0)
		case len(encoded) == 0:
			encoded = m.AppendTo(encoded, 0)
		}
		s.scratch = encoded
		ss.carrier(m).offer(encoded, true)
	}
}

// part is a buffered packet-in cut to miss_send_len, or the whole packet without
// its buffer for controllers that want none.
func (p *peer) part(m *ofp13.PacketIn) ofp13.PacketIn {
	part := *m
	if p.missSendLen == ofp13.ControllerMaxNoBuffer {
		part.BufferID = ofp13.NoBuffer
		return part
	}
	part.Data = m.Data[:min(len(m.Data), int(p.missSendLen))]
	return part
}

// FlowRemoved sends the end of a flow entry to every connection that wants it.
func (s *Server) FlowRemoved(m *ofp13.FlowRemoved) {
	s.broadcast(m, m.Reason, func(a *asyncConfig) *[2]uint32 { return &a.FlowRemovedMask })
}

// PortStatus sends a change of a port to every connection that wants it.
func (s *Server) PortStatus(m *ofp13.PortStatus) {
	s.broadcast(m, m.Reason, func(a *asyncConfig) *[2]uint32 { return &a.PortStatusMask })
}

// broadcast encodes a message once, with xid 0, and offers it to all that want
// it.
func (s *Server) broadcast(m message, reason uint8, masks func(*asyncConfig) *[2]uint32) {
	encoded := s.scratch[:0]
	for _, ss := range s.sessions {
		if !ss.wants(masks(&ss.async), reason) {
			continue
		}
		if len(encoded) == 0 {
			encoded = m.AppendTo(encoded, 0)
			s.scratch = encoded
		}
		ss.offer(encoded, false)
	}
}

// offer queues an asynchronous message. Where there is no room, it is dropped
// and counted.
func (ss *session) offer(encoded []byte, packetIn bool) {
	if len(encoded) > maxMessageLen || !ss.conn.out.offer(encoded, packetIn) {
		ss.conn.counters.dropped.Add(1)
	}
}

// getAsync answers with the filters for both kinds of role.
func (s *Server) getAsync(ss *session, r *request) error {
	ss.reply(&ofp13.GetAsyncReply{AsyncConfig: ss.async}, r.header.XID)
	return nil
}

// setAsync replaces the filters.
func (s *Server) setAsync(ss *session, r *request) error {
	ss.async = r.body.(*ofp13.SetAsync).AsyncConfig
	s.countInterest()
	return nil
}
