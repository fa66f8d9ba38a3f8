package main

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// needed are the capabilities that a switch works with: NET_ADMIN for
// datapaths, interfaces and TAP devices, NET_RAW for AF_PACKET.
var needed = []struct {
	bit  uint
	name string
}{{unix.CAP_NET_ADMIN, "CAP_NET_ADMIN"}, {unix.CAP_NET_RAW, "CAP_NET_RAW"}}

// checkCapabilities says which ones this process lacks.
func checkCapabilities() error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return fmt.Errorf("read this process's capabilities: %w", err)
	}
	return missingCapabilities(uint64(data[1].Effective)<<32 | uint64(data[0].Effective))
}

func missingCapabilities(effective uint64) error {
	var missing []string
	for _, c := range needed {
		if effective>>c.bit&1 == 0 {
			missing = append(missing, c.name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("missing capabilities: %s; run ivs as root or grant them", strings.Join(missing, ", "))
}
