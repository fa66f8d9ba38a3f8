// Package openflow is the session layer of an OpenFlow 1.3 switch: it dials and
// listens, keeps connections alive, decides roles and filters, and turns each
// request into a call of a Switch and each result into a reply. It knows
// nothing of forwarding. Section numbers (§) are those of the OpenFlow Switch
// Specification 1.3.5.
//
// # Who owns what
//
// One goroutine, called main here, owns the Server: it receives from
// [Server.Events] and gives each Event to [Server.Handle]; sessions, roles,
// filters and the list of controllers are touched by nothing else. Each
// connection has two goroutines besides:
//
//   - the reader cuts the byte stream into frames, decodes them into reused
//     values, and hands them to main a batch at a time. It has two batches, so a
//     flood is bounded by its own connection's socket;
//   - the writer drains the connection's outbox, pulls large answers from a
//     [Stream] part by part as fast as the peer reads, and sends the echo requests.
//     While it sleeps, main writes the replies to a batch itself, as far as the
//     socket takes them at once, and leaves it the rest.
//
// A controller that is dialed can have auxiliary connections. Each is a session
// with a reader and a writer of its own, but role, filters and miss_send_len are
// one peer's, which the sessions share.
//
// Readers, writers, listeners and dialers all send on one unbuffered channel.
// The runtime queues blocked senders in order of arrival, so connections take
// turns, and main works at most one batch, or one time slice, per turn.
//
// # When a peer does not read
//
// Its outbox fills. Asynchronous messages above the limit are dropped and
// counted. Replies are not: main leaves the connection's further requests
// where they are until the writer has caught up, then its reader runs out of
// batches, and TCP does the rest. A peer that takes nothing for the time in which
// three echoes would be lost is disconnected.
package openflow
