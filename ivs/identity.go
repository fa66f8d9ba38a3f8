package main

import (
	"encoding/binary"
	"hash/crc32"
	"net"
)

// defaultDPID makes a datapath id: 16 bits of a hash of the switch's name over
// the host's Ethernet address, so that switches of one host differ and a
// restart changes nothing.
func defaultDPID(name string, address net.HardwareAddr) uint64 {
	var low [8]byte
	copy(low[2:], address)
	return uint64(crc32.ChecksumIEEE([]byte(name)))<<48 | binary.BigEndian.Uint64(low[:])
}
