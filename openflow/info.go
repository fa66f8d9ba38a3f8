package openflow

import "time"

// ConnectionInfo describes one controller for people: one that is dialed,
// connected or not, or one that has connected to a listener.
type ConnectionInfo struct {
	Address   string
	Dialed    bool      // this switch opens the connection
	Connected bool      // HELLOs are exchanged
	Since     time.Time // of the present state
	Role      uint32    // OFPCR_ROLE_*; meaningful if connected
	LastError error     // why a dialed controller is not, or was not, connected

	AuxiliaryID uint8 // 0 for a main connection

	MessagesReceived uint64
	MessagesSent     uint64
	AsyncDropped     uint64        // asynchronous messages for which there was no room
	EchoRTT          time.Duration // of the last echo; 0 before the first
}

// Controllers lists the controllers that are dialed, in the order in which
// they were added, each followed by its auxiliary connections, then the
// connections that listeners have accepted, oldest first.
func (s *Server) Controllers() []ConnectionInfo {
	infos := make([]ConnectionInfo, 0, len(s.controllers)+len(s.sessions))
	for _, c := range s.controllers {
		info := ConnectionInfo{Address: c.address, Since: c.since}
		if c.session != nil {
			info = c.session.info()
		}
		info.Dialed = true
		info.LastError = c.lastErr
		infos = append(infos, info)
		if c.session != nil {
			infos = c.session.auxiliaryInfos(infos)
		}
	}
	for _, ss := range s.sessions {
		if ss.controller == nil && ss.auxiliary == nil {
			infos = append(infos, ss.info())
		}
	}
	return infos
}

// auxiliaryInfos appends those of the auxiliary connections that there are.
func (ss *session) auxiliaryInfos(infos []ConnectionInfo) []ConnectionInfo {
	for _, a := range ss.aux {
		if a.session != nil {
			info := a.session.info()
			info.Dialed, info.AuxiliaryID = true, a.id
			infos = append(infos, info)
		}
	}
	return infos
}

func (ss *session) info() ConnectionInfo {
	counters := &ss.conn.counters
	return ConnectionInfo{
		Address:          ss.name,
		Connected:        ss.greeted && !ss.closing,
		Since:            ss.since,
		Role:             ss.role,
		MessagesReceived: counters.received.Load(),
		MessagesSent:     counters.sent.Load(),
		AsyncDropped:     counters.dropped.Load(),
		EchoRTT:          time.Duration(counters.rtt.Load()),
	}
}
