package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrNoDaemon says that no switch of that name runs.
var ErrNoDaemon = errors.New("no such switch is running")

// ErrEnded says that the switch ended before it had told all.
var ErrEnded = errors.New("the switch has ended")

// callTimeout is how long a switch may take to answer a call, or to go on with
// what it streams. It says by itself, and sooner, that it is busy: one that says
// nothing is stuck or stopped.
const callTimeout = 10 * time.Second

// Client talks to one switch's control socket.
type Client struct {
	name    string
	path    string
	http    http.Client
	timeout time.Duration
}

// NewClient makes a client of the switch whose control socket is at path; name
// is for error texts.
func NewClient(name, path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return &Client{
		name:    name,
		path:    path,
		http:    http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}},
		timeout: callTimeout,
	}
}

// Status asks for all that the switch tells of itself.
func (c *Client) Status(ctx context.Context) (Status, error) {
	var s Status
	err := c.call(ctx, http.MethodGet, "/v1/status", nil, &s)
	return s, err
}

// AddPort adds a port and returns its OpenFlow number.
func (c *Client) AddPort(ctx context.Context, req PortRequest) (PortReply, error) {
	var r PortReply
	err := c.call(ctx, http.MethodPost, "/v1/ports", req, &r)
	return r, err
}

// DeletePort removes a port.
func (c *Client) DeletePort(ctx context.Context, name string) error {
	return c.call(ctx, http.MethodDelete, "/v1/ports?name="+url.QueryEscape(name), nil, new(struct{}))
}

// Stop ends the switch.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/stop", nil, new(struct{}))
}

// CopyFlows writes a line for each cached flow to w.
func (c *Client) CopyFlows(ctx context.Context, w io.Writer) error {
	return c.stream(ctx, "/v1/flows", w, c.timeout)
}

// CopyTrace writes a paragraph for each new flow that enters at port (all if
// 0) to w, until ctx ends or the switch does, which is ErrEnded.
func (c *Client) CopyTrace(ctx context.Context, port uint32, w io.Writer) error {
	const patience = math.MaxInt64 // there may be no new flow for long
	err := c.stream(ctx, "/v1/trace?port="+strconv.FormatUint(uint64(port), 10), w, patience)
	if err == nil {
		err = fmt.Errorf("%s: %w", c.name, ErrEnded)
	}
	return err
}

func (c *Client) call(ctx context.Context, method, path string, body, out any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	limit, end := c.limit(ctx)
	defer end()
	resp, err := c.do(limit, method, path, text)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if text, err = io.ReadAll(resp.Body); err != nil {
		return c.explain(limit, err)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("malformed answer of %s: %w", c.name, err)
	}
	return nil
}

// stream copies an answer to w as it comes; patience is how long the switch may
// pause.
func (c *Client) stream(ctx context.Context, path string, w io.Writer, patience time.Duration) error {
	limit, end := c.limit(ctx)
	defer end()
	resp, err := c.do(limit, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	r := &part{limit: limit, patience: patience, body: resp.Body}
	_, err = io.Copy(w, r)
	if r.err != nil {
		return c.explain(limit, r.err)
	}
	return err
}

// do makes a request and waits for the beginning of its answer.
func (c *Client) do(limit *limit, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(limit, method, "http://ivs"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	setDeadline(req.Header, c.timeout)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.explain(limit, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var failure ErrorReply
	if json.NewDecoder(resp.Body).Decode(&failure) != nil || failure.Error == "" {
		failure.Error = resp.Status
	}
	return nil, errors.New(failure.Error)
}
