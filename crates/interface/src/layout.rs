//! One definition of a struct for two worlds.

/// Defines `struct $name` (`repr(C)`, plain old data, no padding) and exports the macro
/// `$export`, which defines the same struct again under the caller's attributes.
#[macro_export]
macro_rules! layout {
    ($d:tt $export:ident:
        $(#[doc = $doc:literal])*
        pub struct $name:ident { $($(#[doc = $field_doc:literal])* pub $field:ident: $type:ty,)* }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ::bytemuck::Pod, ::bytemuck::Zeroable)]
        #[repr(C)]
        pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }

        #[macro_export]
        macro_rules! $export {
            ($d(#[$d attribute:meta])*) => {
                $(#[doc = $doc])*
                $d(#[$d attribute])*
                pub struct $name { $($(#[doc = $field_doc])* pub $field: $type,)* }
            };
        }
    };
}
