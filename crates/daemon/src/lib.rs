//! The world around the speaker: sockets, helper processes, signals, logs.
