package openflow

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// maxErrorData is how much of a failed request its error brings back: all that
// a message can carry. The specification asks for 64 bytes at least, but a
// controller that gave one xid to many requests knows its own only by the
// content. It costs nothing to be generous: what waits for a peer is counted in
// bytes.
const maxErrorData = maxMessageLen - ofp13.HeaderLen - 4

// handler carries out one request. Its failure becomes an error message.
type handler func(*Server, *session, *request) error

// handlerOf returns the handler of a message type (OFPT_*) that decode lets pass.
func handlerOf(typ uint8) handler {
	switch typ {
	case ofp13.TypeFlowMod:
		return (*Server).flowMod
	case ofp13.TypePacketOut:
		return (*Server).packetOut
	case ofp13.TypeBarrierRequest:
		return (*Server).barrier
	case ofp13.TypeMultipartRequest:
		return (*Server).multipart
	case ofp13.TypeGroupMod:
		return (*Server).groupMod
	case ofp13.TypePortMod:
		return (*Server).portMod
	case ofp13.TypeTableMod:
		return (*Server).tableMod
	case ofp13.TypeMeterMod:
		return (*Server).meterMod
	case ofp13.TypeQueueGetConfigRequest:
		return (*Server).queueGetConfig
	}
	return sessionHandlerOf(typ)
}

// sessionHandlerOf is handlerOf for what concerns the connection itself.
func sessionHandlerOf(typ uint8) handler {
	switch typ {
	case ofp13.TypeEchoRequest:
		return (*Server).echo
	case ofp13.TypeFeaturesRequest:
		return (*Server).features
	case ofp13.TypeGetConfigRequest:
		return (*Server).getConfig
	case ofp13.TypeSetConfig:
		return (*Server).setConfig
	case ofp13.TypeRoleRequest:
		return (*Server).roleRequest
	case ofp13.TypeGetAsyncRequest:
		return (*Server).getAsync
	case ofp13.TypeSetAsync:
		return (*Server).setAsync
	case ofp13.TypeExperimenter:
		return (*Server).experimenter
	case ofp13.TypeError:
		return (*Server).peerFailed
	}
	return (*Server).ignore // a second HELLO
}

// serve handles one request of a session.
func (s *Server) serve(ss *session, r *request) {
	if !ss.greeted {
		s.greet(ss, r)
		return
	}
	err := s.try(ss, r)
	if err != nil && r.header.Type != ofp13.TypeError { // errors are never answered
		ss.fail(r, err)
	}
	if errors.Is(err, errFraming) || errors.Is(err, errUnfinished) {
		s.hangUp(ss, err)
	}
}

func (s *Server) try(ss *session, r *request) error {
	if ss.role == ofp13.RoleSlave && (writes(r) || s.extensionWrites(r)) {
		return errSlave()
	}
	if r.err != nil {
		return r.err
	}
	return handlerOf(r.header.Type)(s, ss, r)
}

// fail answers a request with an error message.
func (ss *session) fail(r *request, err error) {
	var e *ofp13.Error
	if !errors.As(err, &e) {
		ss.accuse(err, "request failed for an internal reason")
		e = &ofp13.Error{Type: ofp13.ErrTypeBadRequest, Code: ofp13.BadRequestEPerm}
	} else if ss.log.Logger.IsLevelEnabled(logrus.DebugLevel) {
		ss.log.WithError(err).WithField("request", r.name()).Debug("request refused")
	}
	data := r.frame[:min(len(r.frame), maxErrorData)]
	if len(e.Detail) > 0 {
		data = slices.Concat(e.Detail, data)
	}
	ss.reply(&ofp13.ErrorMessage{
		Type:         e.Type,
		Code:         e.Code,
		Experimenter: e.Experimenter,
		Data:         data, // cut to what fits
	}, r.header.XID)
}

// name is the specification's name of a request; for logs.
func (r *request) name() string {
	if r.header.Type == ofp13.TypeMultipartRequest && r.header.Version == ofp13.Version && len(r.frame) >= ofp13.MultipartHeaderLen {
		return ofp13.MultipartName(r.multipart)
	}
	return ofp13.TypeName(r.header.Type)
}

// badRequest is an OFPET_BAD_REQUEST.
func badRequest(code uint16, format string, args ...any) error {
	return ofp13.Errorf(ofp13.ErrTypeBadRequest, code, format, args...)
}

// ignore lets a message pass that changes nothing.
func (s *Server) ignore(*session, *request) error { return nil }

// peerFailed notes that the peer could not use something of ours. That is for
// people to read; there is nothing to answer.
func (s *Server) peerFailed(ss *session, r *request) error {
	if ss.log.Logger.IsLevelEnabled(logrus.DebugLevel) {
		ss.log.WithError(peerError(r)).Debug("controller reports an error")
	}
	return nil
}

// peerError puts an error message of the peer into words.
func peerError(r *request) error {
	m, ok := r.body.(*ofp13.ErrorMessage)
	if !ok {
		return errors.New("malformed error message")
	}
	e := &ofp13.Error{Type: m.Type, Code: m.Code}
	if m.Type == ofp13.ErrTypeHelloFailed {
		return fmt.Errorf("%w: %q", e, m.Data)
	}
	return e
}

func (s *Server) echo(ss *session, r *request) error {
	ss.reply(&ofp13.EchoReply{Data: r.body.(*ofp13.EchoRequest).Data}, r.header.XID)
	return nil
}
