//! One canonical attribute form.
