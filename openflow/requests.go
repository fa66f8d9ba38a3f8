package openflow

import (
	"github.com/ivs-go/ivs/openflow/ofp13"
)

// defaultMissSendLen is OFP_DEFAULT_MISS_SEND_LEN (§7.3.2).
const defaultMissSendLen = 128

// features describes the switch. With that the handshake is over (§7.3.1).
func (s *Server) features(ss *session, r *request) error {
	var m ofp13.FeaturesReply
	s.sw.Features(&m)
	m.AuxiliaryID = ss.auxiliaryID()
	ss.reply(&m, r.header.XID)
	if !ss.ready {
		ss.ready = true
		s.openAuxiliaries(ss)
	}
	return nil
}

func (s *Server) getConfig(ss *session, r *request) error {
	ss.reply(&ofp13.GetConfigReply{Flags: s.sw.Config(), MissSendLen: ss.missSendLen}, r.header.XID)
	return nil
}

// setConfig changes the switch's flags and the connection's miss_send_len, or
// neither. A slave may change only what is its own.
func (s *Server) setConfig(ss *session, r *request) error {
	m := r.body.(*ofp13.SetConfig)
	if m.Flags != s.sw.Config() {
		if ss.role == ofp13.RoleSlave {
			return errSlave()
		}
		if err := s.sw.SetConfig(m.Flags); err != nil {
			return err
		}
	}
	ss.missSendLen = m.MissSendLen
	return nil
}

func (s *Server) packetOut(_ *session, r *request) error {
	return s.sw.PacketOut(r.body.(*ofp13.PacketOut))
}

func (s *Server) flowMod(_ *session, r *request) error {
	return s.sw.FlowMod(r.body.(*ofp13.FlowMod))
}

func (s *Server) groupMod(_ *session, r *request) error {
	return s.sw.GroupMod(r.body.(*ofp13.GroupMod))
}

func (s *Server) portMod(_ *session, r *request) error {
	return s.sw.PortMod(r.body.(*ofp13.PortMod))
}

func (s *Server) tableMod(_ *session, r *request) error {
	return s.sw.TableMod(r.body.(*ofp13.TableMod))
}

func (s *Server) meterMod(_ *session, r *request) error {
	return s.sw.MeterMod(r.body.(*ofp13.MeterMod))
}

// barrier answers when the datapath obeys all that came before. Until then the
// connection's later requests wait; other connections go on (§7.3.8).
func (s *Server) barrier(ss *session, r *request) error {
	xid := r.header.XID
	ss.barrier = true
	s.sw.Commit(func() {
		ss.conn.out.hold() // until run has ended
		ss.reply(&ofp13.BarrierReply{}, xid)
		ss.barrier = false
		s.run(ss)
	})
	return nil
}
