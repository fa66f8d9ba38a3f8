package openflow

import (
	"errors"
	"fmt"
	"time"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// versionBit is OpenFlow 1.3 in the first word of a version bitmap.
const versionBit = 1 << ofp13.Version

// errNoVersion ends connections to peers that don't speak OpenFlow 1.3.
var errNoVersion = errors.New("no common version: this switch speaks OpenFlow 1.3 only")

// errNoHello ends connections whose first message is something else.
var errNoHello = errors.New("first message is not HELLO")

// helloMessage names 1.3 in the header and in the bitmap: there are peers that
// read only one of the two (§6.3.1).
func helloMessage() *ofp13.Hello {
	return &ofp13.Hello{Version: ofp13.Version, Bitmaps: []uint32{versionBit}}
}

// greet handles the first message of a connection. Of two version bitmaps the
// highest common version counts, else the smaller of the two in the headers
// (§6.3.1).
func (s *Server) greet(ss *session, r *request) {
	if r.header.Type == ofp13.TypeError {
		s.hangUp(ss, fmt.Errorf("peer refuses this switch: %w", peerError(r)))
		return
	}
	hello, ok := r.body.(*ofp13.Hello)
	switch {
	case !ok:
		s.refuse(ss, r, errNoHello)
	case r.err != nil:
		s.refuse(ss, r, fmt.Errorf("malformed HELLO: %w", r.err))
	case !hello.Supports(ofp13.Version):
		s.refuse(ss, r, errNoVersion)
	default:
		ss.greeted = true
		ss.conn.greeted.Store(true)
		ss.since = time.Now()
		if ss.controller != nil {
			s.connected(ss)
		} else {
			ss.log.Debug("controller connected") // tools do so many times a second
		}
		s.countInterest()
	}
}

// refuse ends a connection with OFPET_HELLO_FAILED, whose data is text (§7.4.4).
func (s *Server) refuse(ss *session, r *request, cause error) {
	ss.reply(&ofp13.ErrorMessage{
		Type: ofp13.ErrTypeHelloFailed,
		Code: ofp13.HelloFailedIncompatible,
		Data: []byte(cause.Error()),
	}, r.header.XID)
	s.hangUp(ss, cause)
}
