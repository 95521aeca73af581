#![no_main]
libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    herald_testkit::fuzz::configuration(input);
});
