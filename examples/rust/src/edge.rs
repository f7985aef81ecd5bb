//! The functions of mimir_plugin.h, for C ABI version 1. All that is unsafe is here; `plugin.rs` has none of it.

use crate::plugin::Plugin;
use std::ffi::CStr;
use std::fmt::Write;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

const MANIFEST: &str = concat!(include_str!("../manifest.json"), "\0");

/// An array and not a reference: Mimir reads it from the file and would have to follow that.
#[no_mangle]
#[allow(non_upper_case_globals)]
pub static mimir_plugin_manifest: [u8; MANIFEST.len()] = {
    let mut array = [0; MANIFEST.len()];
    let mut i = 0;
    while i < array.len() {
        array[i] = MANIFEST.as_bytes()[i];
        i += 1;
    }
    array
};

const OK: i32 = 0;
const FAILED: i32 = 1;
const UNKNOWN_ACTION: i32 = 2;
const BAD_INPUT: i32 = 3;
const CANCELLED: i32 = 4;

/// `mimir_host_v1`, as far as this plugin knows it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Host {
    size: u32,
    ctx: *mut c_void,
    log: extern "C" fn(*mut c_void, i32, *const u8, usize),
    cancelled: extern "C" fn(*mut c_void) -> i32,
}

// SAFETY: the host says that its functions may be called on every thread.
unsafe impl Send for Host {}
// SAFETY: as above, and nothing here changes.
unsafe impl Sync for Host {}

/// How much a line of the log matters.
#[allow(dead_code)]
#[derive(Clone, Copy)]
pub enum Level {
    Trace = 0,
    Debug = 1,
    Info = 2,
    Warning = 3,
    Error = 4,
}

#[allow(dead_code)]
impl Host {
    /// Writes a line to the plugin's log.
    pub fn log(&self, level: Level, message: &str) {
        (self.log)(self.ctx, level as i32, message.as_ptr(), message.len());
    }

    /// Whether the call that runs on this thread is not wanted any more; long calls ask now and then.
    pub fn cancelled(&self) -> bool {
        (self.cancelled)(self.ctx) != 0
    }
}

/// Why a call has no output.
#[allow(dead_code)]
#[derive(Debug, PartialEq)]
pub enum Refusal {
    /// For a reason of the plugin's own.
    Failed { code: &'static str, message: String, retryable: bool },
    UnknownAction,
    BadInput(String),
    Cancelled,
}

impl Refusal {
    pub fn bad_input(message: &str) -> Refusal {
        Refusal::BadInput(message.to_owned())
    }

    fn code(&self) -> i32 {
        match self {
            Refusal::Failed { .. } => FAILED,
            Refusal::UnknownAction => UNKNOWN_ACTION,
            Refusal::BadInput(_) => BAD_INPUT,
            Refusal::Cancelled => CANCELLED,
        }
    }

    fn output(self) -> Vec<u8> {
        match self {
            Refusal::Failed { code, message, retryable } => format!(
                "{{\"code\":{},\"message\":{},\"retryable\":{}}}",
                quoted(code),
                quoted(&message),
                retryable
            )
            .into_bytes(),
            Refusal::BadInput(message) => message.into_bytes(),
            Refusal::UnknownAction | Refusal::Cancelled => Vec::new(),
        }
    }
}

/// Text as JSON writes it.
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            c if c < ' ' => write!(json, "\\u{:04x}", c as u32).expect("a String takes everything"),
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

/// Runs something that may panic; a panic may not leave a function that C has called. What it said is on stderr,
/// which is the plugin's log.
fn guarded<T>(work: impl FnOnce() -> T) -> Option<T> {
    // An instance that a panic has left half changed is the plugin's own to mend: a Mutex says that it is poisoned.
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Hands bytes over to the host, until it calls mimir_plugin_free with the same length.
///
/// # Safety
/// Both pointers can be written to.
unsafe fn give(bytes: Vec<u8>, output: *mut *mut u8, length: *mut usize) {
    if bytes.is_empty() {
        return;
    }
    let bytes = Box::leak(bytes.into_boxed_slice());
    // SAFETY: by the contract of this function.
    unsafe {
        *length = bytes.len();
        *output = bytes.as_mut_ptr();
    }
}

/// What C means by a pointer and a length, which may be NULL and 0; a Rust slice may not.
///
/// # Safety
/// The bytes are there and do not change for as long as the slice lives.
unsafe fn bytes<'a>(start: *const u8, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: by the contract of this function.
    unsafe { std::slice::from_raw_parts(start, length) }
}

#[no_mangle]
pub extern "C" fn mimir_plugin_abi_version() -> u32 {
    1
}

/// # Safety
/// It is called as mimir_plugin.h says.
#[no_mangle]
pub unsafe extern "C" fn mimir_plugin_open(
    config: *const u8,
    config_length: usize,
    host: *const Host,
    instance: *mut *mut c_void,
    error: *mut *mut u8,
    error_length: *mut usize,
) -> i32 {
    // SAFETY: the host lends both for the call. The functions in its structure stay valid until close, and the
    // copy goes no further than version 1, which every host has.
    let (config, host) = unsafe { (bytes(config, config_length), *host) };
    let why = match guarded(|| Plugin::open(config, host)) {
        Some(Ok(plugin)) => {
            // SAFETY: the host gives room for a pointer. The box is taken back by close.
            unsafe { *instance = Box::into_raw(Box::new(plugin)).cast() };
            return OK;
        }
        Some(Err(why)) => why,
        None => "It panicked".to_owned(),
    };
    // SAFETY: the host gives room for a pointer and a length.
    unsafe { give(why.into_bytes(), error, error_length) };
    FAILED
}

/// # Safety
/// It is called as mimir_plugin.h says.
#[no_mangle]
pub unsafe extern "C" fn mimir_plugin_call(
    instance: *mut c_void,
    action: *const c_char,
    input: *const u8,
    input_length: usize,
    output: *mut *mut u8,
    output_length: *mut usize,
) -> i32 {
    // SAFETY: the instance is a Plugin of open, which is not closed while calls run, and calls only share it. The
    // host lends the action, which ends with a NUL, and the input for the call.
    let (plugin, action, input) = unsafe {
        (&*instance.cast::<Plugin>(), CStr::from_ptr(action), bytes(input, input_length))
    };
    let result = guarded(|| plugin.call(action.to_str().unwrap_or(""), input)).unwrap_or_else(|| {
        Err(Refusal::Failed {
            code: "panic",
            message: "The plugin panicked; its log says where".to_owned(),
            retryable: false,
        })
    });
    let (code, bytes) = match result {
        Ok(bytes) => (OK, bytes),
        Err(refusal) => (refusal.code(), refusal.output()),
    };
    // SAFETY: the host gives room for a pointer and a length.
    unsafe { give(bytes, output, output_length) };
    code
}

/// # Safety
/// It is called as mimir_plugin.h says.
#[no_mangle]
pub unsafe extern "C" fn mimir_plugin_health(instance: *mut c_void) -> i32 {
    // SAFETY: the instance is a Plugin of open that is not closed.
    let plugin = unsafe { &*instance.cast::<Plugin>() };
    match guarded(|| plugin.is_well()) {
        Some(true) => OK,
        _ => FAILED,
    }
}

/// # Safety
/// It is called as mimir_plugin.h says.
#[no_mangle]
pub unsafe extern "C" fn mimir_plugin_free(bytes: *mut u8, length: usize) {
    if !bytes.is_null() {
        // SAFETY: both are what `give` made of a box, and the host gives them back once.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(bytes, length)) });
    }
}

/// # Safety
/// It is called as mimir_plugin.h says.
#[no_mangle]
pub unsafe extern "C" fn mimir_plugin_close(instance: *mut c_void) {
    // SAFETY: open made the pointer of a box, and nobody uses it after this.
    let plugin = unsafe { Box::from_raw(instance.cast::<Plugin>()) };
    guarded(|| drop(plugin));
}
