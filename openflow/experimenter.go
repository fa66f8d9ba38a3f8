package openflow

import (
	"encoding/binary"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// experimenterOf returns who carries out the extensions of an experimenter.
func (s *Server) experimenterOf(id uint32) (Experimenter, error) {
	if x := s.cfg.Experimenters[id]; x != nil {
		return x, nil
	}
	return nil, badRequest(ofp13.BadRequestBadExperimenter, "experimenter %#x is unknown", id)
}

// experimenter carries out an extension's message (§7.5.4).
func (s *Server) experimenter(ss *session, r *request) error {
	m := r.body.(*ofp13.Experimenter)
	x, err := s.experimenterOf(m.Experimenter)
	if err != nil {
		return err
	}
	answer, err := x.Message(m)
	if err != nil {
		return err
	}
	if answer != nil {
		ss.reply(answer, r.header.XID)
	}
	ss.startWatch(x, m)
	return nil
}

// experimenterMultipart answers an extension's multipart (§7.3.5.15). Each part
// of the answer begins with the experimenter and the exp_type.
func (s *Server) experimenterMultipart(ss *session, r *request) error {
	m := r.body.(*ofp13.ExperimenterMultipart)
	x, err := s.experimenterOf(m.Experimenter)
	if err != nil {
		return err
	}
	stream, err := x.Multipart(m)
	if err != nil {
		return err
	}
	head := binary.BigEndian.AppendUint32(nil, m.Experimenter)
	ss.conn.out.sendStream(&multipart{
		typ:    ofp13.MultipartExperimenter,
		xid:    r.header.XID,
		head:   binary.BigEndian.AppendUint32(head, m.ExpType),
		stream: stream,
	})
	return nil
}

// extensionWrites reports whether a request is an extension's message that
// changes the switch.
func (s *Server) extensionWrites(r *request) bool {
	m, ok := r.body.(*ofp13.Experimenter)
	if !ok || r.err != nil {
		return false
	}
	x := s.cfg.Experimenters[m.Experimenter]
	return x != nil && x.Writes(m.ExpType)
}
