package main

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Default TCP ports: OFP_TCP_PORT (OpenFlow 1.3.5 §6.3.3), and the listening
// port that the original switch chose.
const (
	defaultControllerPort = 6653
	defaultListenerPort   = 6634
)

// maxDPIDDigits is how many hexadecimal digits a datapath id has.
const maxDPIDDigits = 16

// setDPID reads the datapath id, if it was given. One that is empty, as an unset
// variable makes it, would silently be another.
func (o *options) setDPID(text string, given bool) error {
	if !given {
		return nil
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")
	n, err := strconv.ParseUint(digits, 16, 64)
	if err != nil || n == 0 || len(digits) > maxDPIDDigits {
		return fmt.Errorf("flag --dpid %q: want 1 to %d hexadecimal digits, not all zero", text, maxDPIDDigits)
	}
	o.dpid = n
	return nil
}

func (o *options) setAddresses(controllers, listeners []string) (err error) {
	if o.controllers, err = addresses(controllers, defaultControllerPort); err != nil {
		return fmt.Errorf("flag -c %w", err)
	}
	if o.listeners, err = addresses(listeners, defaultListenerPort); err != nil {
		return fmt.Errorf("flag -l %w", err)
	}
	return nil
}

// addresses reads IP[:PORT], with IPv6 as ADDRESS or [ADDRESS]:PORT.
func addresses(texts []string, port uint16) ([]string, error) {
	var out []string
	for _, text := range texts {
		address, err := address(text, port)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		if slices.Contains(out, address) {
			return nil, fmt.Errorf("%q: given twice", text)
		}
		out = append(out, address)
	}
	return out, nil
}

// address reads one of addresses.
func address(text string, port uint16) (string, error) {
	if bare, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")); err == nil {
		return netip.AddrPortFrom(bare, port).String(), nil
	}
	host, number, err := net.SplitHostPort(text)
	if err == nil {
		_, err = netip.ParseAddr(host)
	}
	if err != nil {
		return "", fmt.Errorf("want an IP address and perhaps a port, such as 127.0.0.1:%d or [::1]:%[1]d", port)
	}
	full, err := netip.ParseAddrPort(text)
	if err != nil || full.Port() == 0 {
		return "", fmt.Errorf("port %s: want a number from 1 to 65535", number)
	}
	return full.String(), nil
}
