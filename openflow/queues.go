package openflow

import "github.com/ivs-go/ivs/openflow/ofp13"

// queueStats answers with the statistics of queues (§7.3.5.8).
func (s *Server) queueStats(ss *session, r *request, m *ofp13.QueueStatsRequest) error {
	read, err := s.sw.QueueStats(m.PortNo, m.QueueID)
	if err != nil {
		return err
	}
	xid := r.header.XID
	s.work(ss, r, func() (reply func(), err error) {
		stream, err := read()
		return func() { ss.replyStream(ofp13.MultipartQueue, xid, stream) }, err
	})
	return nil
}

// queueGetConfig answers with the configuration of a port's queues (§7.3.6).
func (s *Server) queueGetConfig(ss *session, r *request) error {
	port, xid := r.body.(*ofp13.QueueGetConfigRequest).Port, r.header.XID
	read, err := s.sw.QueueConfig(port)
	if err != nil {
		return err
	}
	s.work(ss, r, func() (reply func(), err error) {
		queues, err := read()
		return func() { ss.reply(&ofp13.QueueGetConfigReply{Port: port, Queues: queues}, xid) }, err
	})
	return nil
}

// work does off the main goroutine what may block, and then replies on it.
// Until then the connection's later requests wait, as they do for a barrier.
func (s *Server) work(ss *session, r *request, do func() (reply func(), err error)) {
	ss.barrier = true
	s.aside(func() {
		reply, err := do()
		ss.conn.post(worked{ss, r, reply, err})
	})
}

// worked is the end of some work. The request stays as it is until then, unless
// the session is over.
type worked struct {
	session *session
	request *request
	reply   func()
	err     error
}

func (e worked) handle(s *Server) {
	ss := e.session
	ss.barrier = false
	switch {
	case ss.closing:
	case e.err != nil:
		ss.fail(e.request, e.err)
	default:
		e.reply()
	}
	s.run(ss)
}
