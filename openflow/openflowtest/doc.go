// Package openflowtest plays the controller's end of OpenFlow 1.3 connections in
// tests.
//
// A [Controller] sends and expects messages, one by one, each with a deadline.
// Requests are encoded, and frames are cut, by github.com/netrack/openflow, which
// shares no code with the switch, so an error in the switch's codec does not
// cancel itself out. What that library gets wrong (hello elements, messages
// that break the rules) goes out as bytes, by [Controller.SendBytes]; what it
// can't decode is looked at as bytes, in [Message.Body].
//
// [ONOS], [Floodlight], [Faucet] and [Ryu] are the handshakes of these
// controllers as scripts: what they send, in their order, and the reactions
// without which they hang up or go wrong. A script needs only a connection, so it
// plays against a session layer inside the test, or against a whole switch.
package openflowtest
