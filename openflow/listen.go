package openflow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
)

// acceptPause is how long a listener rests after a failure, such as no file
// descriptor being left.
const acceptPause = 100 * time.Millisecond

// listenAll binds every listener of the configuration.
func (s *Server) listenAll() error {
	for _, address := range s.cfg.Listen {
		l, err := s.listenTCP(address)
		if err != nil {
			return fmt.Errorf("listen for controllers on %s: %w", address, listenError(err))
		}
		s.serveListener(l, false)
	}
	if s.cfg.UnixSocket == "" {
		return nil
	}
	l, err := listenUnix(s.cfg.UnixSocket)
	if err != nil {
		return fmt.Errorf("listen for local connections on %s: %w", s.cfg.UnixSocket, listenError(err))
	}
	s.serveListener(l, true)
	return nil
}

// listenError says what can be done, and the address only once.
func listenError(err error) error {
	err = reason(err)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w by another program, perhaps another switch; choose another port", err)
	}
	return err
}

// listenTCP binds an address, even one that no interface has: a switch that
// starts with the host may be there before DHCP is.
func (s *Server) listenTCP(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if !errors.Is(err, syscall.EADDRNOTAVAIL) {
		return l, err
	}
	s.cfg.Log.WithField("listener", address).Warn("no interface has this address yet; connections can come when one does")
	c := net.ListenConfig{Control: freeBind}
	c.SetMultipathTCP(false) // whose sockets have no such option in older kernels
	return c.Listen(context.Background(), "tcp", address)
}

// freeBind sets IP_FREEBIND, of ip(7), which IPv6 sockets have as well.
func freeBind(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_IP, syscall.IP_FREEBIND, 1)
	})
	return errors.Join(err, failed)
}

// listenUnix binds a unix socket, which only its owner may use. A socket file
// that nobody answers on is what a killed process left, and is replaced.
func listenUnix(path string) (net.Listener, error) {
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && abandoned(path) {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// abandoned reports whether a socket file has no process behind it.
func abandoned(path string) bool {
	nc, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		nc.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// serveListener accepts connections until the server closes.
func (s *Server) serveListener(l net.Listener, local bool) {
	s.listeners = append(s.listeners, l)
	log := s.cfg.Log.WithField("listener", l.Addr().String())
	log.Info("listening for controllers")
	s.spawn(func() { s.accept(l, local, log) })
}

// accept runs until the server's context ends.
func (s *Server) accept(l net.Listener, local bool, log *logrus.Entry) {
	var trouble complaint
	for s.ctx.Err() == nil {
		nc, err := l.Accept()
		if err == nil {
			if !s.post(accepted{nc, local}) {
				nc.Close()
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if trouble.due(err.Error(), time.Now()) {
			log.WithError(err).Warn("cannot accept a connection")
		}
		select {
		case <-time.After(acceptPause):
		case <-s.ctx.Done():
		}
	}
}

// Addrs are the addresses that the server listens on, in the order of the
// configuration, the unix socket last.
func (s *Server) Addrs() []net.Addr {
	addrs := make([]net.Addr, len(s.listeners))
	for i, l := range s.listeners {
		addrs[i] = l.Addr()
	}
	return addrs
}

// accepted is a connection that a peer has opened.
type accepted struct {
	nc    net.Conn
	local bool
}

// handle opens a session, unless that would leave too few connections for the
// controllers that are dialed.
func (e accepted) handle(s *Server) {
	name := e.nc.RemoteAddr().String()
	if e.local {
		name = "unix:" + s.cfg.UnixSocket
	}
	log := s.cfg.Log.WithField("controller", name)
	others := 0
	for _, ss := range s.sessions {
		if ss.controller == nil && ss.auxiliary == nil {
			others++
		}
	}
	if others+len(s.controllers) >= s.limits.Connections {
		if s.overflow.due("limit", time.Now()) {
			log.WithField("limit", s.limits.Connections).Warn("refusing a connection: too many are open")
		}
		e.nc.Close()
		return
	}
	ss := s.open(e.nc, name, log)
	if e.local {
		ss.async = asyncConfig{} // for tools, which want answers only
	}
}
