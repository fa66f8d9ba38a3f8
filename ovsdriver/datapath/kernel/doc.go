// Package kernel is the datapath made of the Linux openvswitch module, driven
// over generic netlink (linux/openvswitch.h). It is the only package that knows
// of netlink attributes.
//
// Open makes or adopts a datapath. Three kinds of sockets serve it:
//
//   - control: one genetlink connection for ports and datapaths, one raw socket
//     for flows, both used by the main goroutine only; up to 64 flow requests
//     share one system call, and answers find theirs by sequence number.
//   - events: one genetlink connection in the multicast groups ovs_vport and
//     ovs_datapath, read by a goroutine of its own, which Close waits for.
//   - upcalls: one raw socket per port, so that a storm on one port fills no
//     other port's buffer and the frames of a port stay in order. The sockets
//     are spread over the receivers, each with one epoll instance and one more
//     socket for what cached flows send to the controller.
//
// Nothing of package netlink runs per packet: upcalls are read by recvmmsg into
// an arena, walked by hand, and answered by one send of concatenated requests.
//
// Inspector reads datapaths that belong to somebody else.
package kernel
