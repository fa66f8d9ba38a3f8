// Package vport keeps the switch's ports: it attaches interfaces to the
// datapath, follows what the host and other programs do to them, and answers
// what OpenFlow asks of ports (port-desc, port-mod, port statistics) and of their
// queues.
//
// A port has a number that stays with its name. It is attached (in the
// datapath, known to the controller) or waits for its interface: one that was
// missing at start, or that vanished, takes its place again when it appears.
//
// A port's life has an order. A new port is published to forwarding, attached,
// and only then told to controllers; since packet-ins reach controllers by the
// main goroutine too, none from the port can come before its PORT_STATUS. An
// end goes the other way round.
package vport
