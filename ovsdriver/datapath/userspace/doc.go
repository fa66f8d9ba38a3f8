// Package userspace is the embedded datapath: it forwards frames between Linux
// network interfaces through AF_PACKET sockets, without a kernel module.
//
// Each receiver (worker) owns some ports. The goroutine that calls Receive
// polls those ports, forwards what the flow cache holds, and returns only the
// misses. A port's frames lie in a receive ring that the kernel fills; those of
// segmentation offload, which fit no slot of it, come by the socket's queue, and
// LOCAL's and internal ports' by a TAP. PACKET_VNET_HDR carries partial checksums and segmentation requests
// from port to port as they are, so that TCP keeps its offloads.
//
// # Who owns what
//
//	ports, flows by id, the classifier    main; the only writer
//	port table, slots, flow snapshot      main publishes them; workers read them, without locks
//	exact-match cache, slots, queues      one worker
//	a port's receive ring                 its worker, which may give it up; main makes and unmaps it
//	a flow's counters                     one cache line per worker, and one for main
//	interface events                      the monitor goroutine, which only reads and reports
//
// What main withdraws (a flow, a port) may still be in use by a worker's
// present batch. Main therefore waits, after it has published the change, until
// each worker has left the batch that it was in (see epoch); a batch is at most
// a few system calls long and waits for nothing. Then the withdrawn thing's
// counters stand still and its sockets can be closed.
//
// AF_PACKET only copies: the host's own stack still sees every frame that
// arrives. A port therefore has a blocker, a drop behind the tap that vanishes
// with the process.
package userspace
