package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"
)

// deadlineHeader says until when a client waits; the package's comment tells more.
const deadlineHeader = "Ivs-Deadline"

// setDeadline says in a request that its client waits for the beginning of the
// answer, and for how long.
func setDeadline(h http.Header, patience time.Duration) {
	h.Set(deadlineHeader, strconv.FormatInt(time.Now().Add(patience).UnixNano(), 10))
}

// deadlineOf is when a request's client gives up; zero, if it does not say.
func deadlineOf(r *http.Request) (t time.Time, ok bool) {
	text := r.Header.Get(deadlineHeader)
	if text == "" {
		return time.Time{}, true
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return time.Unix(0, n), err == nil
}

// limit is the context of a request: it ends with the caller's, or when the
// switch has been silent for too long.
type limit struct {
	context.Context
	caller context.Context
	silent *time.Timer
}

// limit begins to wait for the switch. end releases what that takes.
func (c *Client) limit(ctx context.Context) (l *limit, end func()) {
	limited, cancel := context.WithCancelCause(ctx)
	silent := time.AfterFunc(c.timeout, func() {
		cancel(fmt.Errorf("no answer within %v: the switch is stopped or stuck", c.timeout))
	})
	return &limit{limited, ctx, silent}, func() { silent.Stop(); cancel(nil) }
}

// part reads an answer whose end may be far. Only the switch's own silence
// counts, not that of whoever takes what is read.
type part struct {
	limit    *limit
	patience time.Duration
	body     io.Reader
	err      error // of reading
}

func (p *part) Read(b []byte) (int, error) {
	p.limit.silent.Reset(p.patience)
	n, err := p.body.Read(b)
	p.limit.silent.Stop()
	if err != nil && err != io.EOF {
		p.err = err
	}
	return n, err
}

// explain says in the words of people why there is no answer, or none to its
// end.
func (c *Client) explain(limit *limit, err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err // without method and address, which mean nothing here
	}
	var dial *net.OpError
	switch {
	case limit.caller.Err() != nil:
		err = limit.caller.Err()
	case limit.Err() != nil:
		err = context.Cause(limit)
	case errors.As(err, &dial) && dial.Op == "dial":
		err = c.unreachable(dial.Err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		err = ErrEnded
	}
	return fmt.Errorf("%s: %w", c.name, err)
}

// unreachable says what it means that the control socket can't be reached.
func (c *Client) unreachable(err error) error {
	switch {
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%w in this network namespace (%s: %w)", ErrNoDaemon, c.path, err)
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("control socket %s is open to root only: %w", c.path, err)
	}
	return fmt.Errorf("control socket %s: %w", c.path, err)
}
