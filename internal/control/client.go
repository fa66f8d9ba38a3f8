package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// ErrNoDaemon says that no switch of that name runs.
var ErrNoDaemon = errors.New("no such switch is running")

// callTimeout is how long a switch may take to answer a call. It says by itself,
// and sooner, that it is busy: one that says nothing is stuck or stopped.
const callTimeout = 10 * time.Second

// Client talks to one switch's control socket.
type Client struct {
	name    string
	http    http.Client
	timeout time.Duration // of calls; streams take as long as they take
}

// NewClient makes a client of the switch whose control socket is at path; name
// is for error texts.
func NewClient(name, path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}
	return &Client{
		name:    name,
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
	return c.call(ctx, http.MethodDelete, "/v1/ports/"+url.PathEscape(name), nil, new(struct{}))
}

// Stop ends the switch.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/v1/stop", nil, new(struct{}))
}

// CopyFlows writes a line for each cached flow to w.
func (c *Client) CopyFlows(ctx context.Context, w io.Writer) error {
	return c.stream(ctx, "/v1/flows", w)
}

// CopyTrace writes a paragraph for each new flow that enters at port (all if
// 0) to w, until ctx ends.
func (c *Client) CopyTrace(ctx context.Context, port uint32, w io.Writer) error {
	return c.stream(ctx, "/v1/trace?port="+strconv.FormatUint(uint64(port), 10), w)
}

func (c *Client) call(ctx context.Context, method, path string, body, out any) error {
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	limited, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("no answer within %v", c.timeout))
	defer cancel()
	resp, err := c.do(limited, method, path, text)
	if err != nil {
		if limited.Err() != nil && ctx.Err() == nil {
			err = fmt.Errorf("%s: %w", c.name, context.Cause(limited))
		}
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("malformed answer of %s: %w", c.name, err)
	}
	return nil
}

func (c *Client) stream(ctx context.Context, path string, w io.Writer) error {
	resp, err := c.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

func (c *Client) do(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://ivs"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	var refused *net.OpError
	if errors.As(err, &refused) && refused.Op == "dial" {
		return nil, fmt.Errorf("%s: %w (%w)", c.name, ErrNoDaemon, refused.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.name, err)
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
