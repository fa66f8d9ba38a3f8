// Package link tells of the host's network interfaces: what they are, how fast,
// what they counted, and when they change. It speaks rtnetlink (by
// vishvananda/netlink) and ethtool's generic netlink family (by
// mdlayher/ethtool), in the network namespace of the calling program.
package link
