package openflow

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// MaxAuxiliaries is how many auxiliary connections a controller can have.
const MaxAuxiliaries = 16

// auxiliary is a further connection to a controller that is dialed (§6.3.6). It
// has the controller's role, filters and miss_send_len, lives as long as the main
// connection, and carries packet-ins; else it is a connection like any other. It
// belongs to main; each attempt to connect runs in a goroutine of its own.
type auxiliary struct {
	id      uint8 // 1 and up
	main    *session
	ctx     context.Context // ends with the main connection
	log     *logrus.Entry
	backoff backoff
	session *session // nil unless connected
	trouble complaint
}

// errMainGone ends auxiliary connections.
var errMainGone = errors.New("main connection has ended")

// openAuxiliaries begins to dial the auxiliary connections of a main connection
// whose handshake is over.
func (s *Server) openAuxiliaries(ss *session) {
	n := min(s.cfg.Auxiliaries, MaxAuxiliaries)
	if ss.controller == nil || n <= 0 || ss.aux != nil {
		return
	}
	ctx, cancel := context.WithCancel(s.ctx)
	ss.endAux = cancel
	for id := 1; id <= n; id++ {
		a := &auxiliary{
			id:      uint8(id),
			main:    ss,
			ctx:     ctx,
			log:     ss.log.WithField("auxiliary", id),
			backoff: backoff{first: s.limits.RedialFirst, max: s.limits.RedialMax},
		}
		ss.aux = append(ss.aux, a)
		s.dialAuxiliary(a, 0)
	}
}

// dialAuxiliary makes one attempt after a delay: from the address of the main
// connection, to the same address.
func (s *Server) dialAuxiliary(a *auxiliary, delay time.Duration) {
	dialer, address := s.cfg.Dialer, a.main.controller.address
	local, ok := a.main.conn.nc.LocalAddr().(*net.TCPAddr)
	if plain, isPlain := dialer.(*net.Dialer); isPlain && ok {
		from := *plain
		from.LocalAddr = &net.TCPAddr{IP: local.IP, Zone: local.Zone}
		dialer, address = &from, a.main.conn.nc.RemoteAddr().String()
	}
	s.attempt(a.ctx, delay, dialer, address, func(nc net.Conn, err error) Event { return auxiliaryDialed{a, nc, err} })
}

// auxiliaryDialed is the outcome of one attempt.
type auxiliaryDialed struct {
	auxiliary *auxiliary
	nc        net.Conn
	err       error
}

func (e auxiliaryDialed) handle(s *Server) {
	a := e.auxiliary
	switch {
	case a.ctx.Err() != nil: // the main connection has ended meanwhile
		if e.nc != nil {
			e.nc.Close()
		}
	case e.err != nil:
		s.redialAuxiliary(a, e.err)
	default:
		a.session = s.open(e.nc, a.main.name, a.log)
		a.session.auxiliary = a
		a.session.peer = a.main.peer
	}
}

// redialAuxiliary tries again later.
func (s *Server) redialAuxiliary(a *auxiliary, cause error) {
	if a.trouble.due(cause.Error(), time.Now()) {
		a.log.WithError(cause).Debug("no auxiliary connection, dialing again")
	}
	s.dialAuxiliary(a, a.backoff.delay())
}

// lostAuxiliary is called when an auxiliary connection has ended.
func (s *Server) lostAuxiliary(a *auxiliary, ss *session, cause error) {
	a.session = nil
	if a.ctx.Err() != nil {
		return
	}
	if ss.ready && time.Since(ss.since) >= s.limits.RedialMax {
		a.backoff.reset()
	}
	s.redialAuxiliary(a, cause)
}

// endAuxiliaries closes the auxiliary connections of a main connection that is
// broken or about to be closed, at once (§6.3.6).
func (s *Server) endAuxiliaries(ss *session) {
	if ss.endAux == nil {
		return
	}
	ss.endAux()
	for _, a := range ss.aux {
		if a.session != nil {
			aux := a.session.conn
			s.hangUp(a.session, errMainGone)
			aux.fail(errMainGone)
		}
	}
}

// auxiliaryID is what features tell of the connection: 0 for a main one.
func (ss *session) auxiliaryID() uint8 {
	if ss.auxiliary == nil {
		return 0
	}
	return ss.auxiliary.id
}

// carrier returns the connection for a packet-in: an auxiliary one, the same
// for all packets of a flow as long as the connections stay, or else the main
// one.
func (ss *session) carrier(m *ofp13.PacketIn) *session {
	if len(ss.aux) == 0 {
		return ss
	}
	a := ss.aux[flowHash(m)%uint64(len(ss.aux))]
	if a.session == nil || !a.session.ready || a.session.closing {
		return ss
	}
	return a.session
}

// flowHash is the same for all packets of a flow: it takes the match fields, the
// Ethernet addresses, and the IP addresses of packets without a tag.
func flowHash(m *ofp13.PacketIn) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range m.Match.Fields {
		f := &m.Match.Fields[i]
		h = hashBytes(h, f.Value[:min(int(f.Len), len(f.Value))])
	}
	data := m.Data
	h = hashBytes(h, data[:min(len(data), 14)])
	switch {
	case len(data) >= 34 && data[12] == 0x08 && data[13] == 0x00:
		h = hashBytes(h, data[26:34])
	case len(data) >= 54 && data[12] == 0x86 && data[13] == 0xdd:
		h = hashBytes(h, data[22:54])
	}
	return h ^ h>>32
}

func hashBytes(h uint64, b []byte) uint64 {
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}
