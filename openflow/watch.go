package openflow

import (
	"bytes"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// watch is that a controller wants to hear of the connections to all
// controllers. It belongs to its session.
type watch struct {
	by   ConnectionWatcher
	told []byte // the message that says what the controller knows
}

// startWatch makes a connection hear of changes, if its message asks for it. The
// answer to it tells of the connections as they are now.
func (ss *session) startWatch(x Experimenter, m *ofp13.Experimenter) {
	if w, ok := x.(ConnectionWatcher); ok && w.WatchesConnections(m.ExpType) {
		ss.watch = &watch{by: w, told: w.Connections().AppendTo(nil, 0)}
	}
}

// connectionsChanged tells those who watch what has become of the connections to
// controllers, unless they know.
func (s *Server) connectionsChanged() {
	for _, ss := range s.sessions {
		if ss.watch == nil || ss.closing {
			continue
		}
		now := ss.watch.by.Connections().AppendTo(nil, 0)
		if bytes.Equal(now, ss.watch.told) {
			continue
		}
		ss.watch.told = now
		ss.offer(now, false)
	}
}
